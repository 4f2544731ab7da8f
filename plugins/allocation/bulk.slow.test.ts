import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';

const rows = 20_000;
/** A statement for one row, and the same for many; plain conditions, so that no plan of its own is in the way. */
const kinds = {
  'addresses inserted': (count: number) =>
    `INSERT INTO address (vrf_id, address) SELECT 1, '10.0.0.1'::inet + n FROM generate_series(1, ${count}) n`,
  'subnets inserted': (count: number) =>
    `INSERT INTO subnet (vrf_id, cidr) SELECT 1, set_masklen('11.0.0.0'::inet + 256 * n, 24)::cidr FROM generate_series(1, ${count}) n`,
  'addresses updated': (count: number) =>
    `UPDATE address SET status = 'reserved' WHERE address <= '10.0.0.1'::inet + ${count}`,
  'addresses deleted': (count: number) => `DELETE FROM address WHERE address <= '10.0.0.1'::inet + ${count}`,
  'subnets deleted': (count: number) =>
    `DELETE FROM subnet WHERE cidr > '11.0.0.0/8' AND cidr <= set_masklen('11.0.0.0'::inet + 256 * ${count}, 24)::cidr`,
};

describe('one row, then twenty thousand in the same session', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
  });
  after(() => register.stop());

  /** Milliseconds for each kind of bulk, on a session that wrote `warmUps` single rows of each kind before. */
  async function measure(warmUps: number): Promise<Record<string, number>> {
    const client = new pg.Client({ connectionString: register.databaseUrl });
    await client.connect();
    const took: Record<string, number> = {};
    try {
      await client.query(
        "DELETE FROM address; DELETE FROM subnet; INSERT INTO subnet (vrf_id, cidr) VALUES (1, '10.0.0.0/8'), (1, '11.0.0.0/8')",
      );
      // With these statistics a scan of the whole table looks cheapest, and a plan made now is kept.
      await client.query('ANALYZE');
      // Autovacuum between two statements would have new plans made, at other times in each run.
      for (const table of ['subnet', 'address', 'subnet_usage', 'free_span']) {
        await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
      }
      for (const [kind, statement] of Object.entries(kinds)) {
        for (let n = 0; n < warmUps; n += 1) {
          // A plan is kept after five uses at the earliest; what was written is taken back.
          await client.query(`BEGIN; ${statement(1)}; ROLLBACK`);
        }
        const start = performance.now();
        await client.query(statement(rows));
        took[kind] = performance.now() - start;
      }
    } finally {
      await client.end();
    }
    return took;
  }

  it('takes as long as in a fresh session', async () => {
    const fresh = await measure(0);
    const used = await measure(12);
    for (const [kind, took] of Object.entries(used)) {
      const ratio = took / Math.max(fresh[kind] ?? 0, 50);
      assert.ok(
        ratio < 4,
        `${rows} ${kind}: ${Math.round(took)} ms, ${ratio.toFixed(1)} times a fresh session`,
      );
    }
  }).timeout(300_000);
});
