import pg from 'pg';
import { startTestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
it('probe', async function () {
  this.timeout(200000);
  const register = await startTestRegister([subnets, allocation]);
  const client = new pg.Client({ connectionString: register.databaseUrl });
  await client.connect();
  const ins = (n: number) => `INSERT INTO subnet (vrf_id, cidr) SELECT 1, set_masklen('11.0.0.0'::inet + 256 * n, 24)::cidr FROM generate_series(1, ${n}) n`;
  const stat = async () => (await client.query(`SELECT relname, seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname IN ('subnet','subnet_usage','address','free_span','vrf')`)).rows;
  for (const [analyze, warm] of [[false,0],[true,0],[true,12]] as const) {
    const c2 = new pg.Client({ connectionString: register.databaseUrl });
    await c2.connect();
    await c2.query("SET track_functions='all'; DELETE FROM address; DELETE FROM subnet; INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.0.0.0/8'), (1, '11.0.0.0/8')");
    await c2.query('VACUUM subnet'); await c2.query('VACUUM subnet_usage'); await c2.query('VACUUM free_span');
    if (analyze) await c2.query('ANALYZE');
    await c2.end();
    const c3 = new pg.Client({ connectionString: register.databaseUrl });
    await c3.connect();
    for (let i = 0; i < warm; i++) await c3.query(`BEGIN; ${ins(1)}; ROLLBACK`);
    await client.query('SELECT pg_stat_reset()');
    await c3.query("SET track_functions='all'");
    const t = performance.now();
    await c3.query(ins(8000));
    const took = performance.now() - t;
    await c3.end();
    await new Promise((r) => setTimeout(r, 1500));
    console.log({ analyze, warm, took }, await stat(), (await client.query('SELECT funcname, calls, round(self_time) self, round(total_time) total FROM pg_stat_user_functions ORDER BY self_time DESC LIMIT 6')).rows);
  }
  await client.end();
  await register.stop();
});
