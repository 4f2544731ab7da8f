import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { audit } from './index.ts';
import { safes } from './testing/safes.ts';

const rows = 20_000;
/** A statement for one row, and the same for many. */
const kinds = {
  made: (count: number) =>
    `INSERT INTO safe (site_id, label, papers) SELECT 1, 'safe ' || n, '{}' FROM generate_series(1, ${count}) n`,
  changed: (count: number) => `UPDATE safe SET label = label || '!' WHERE id % ${rows} < ${count}`,
  'left as they are': (count: number) => `UPDATE safe SET times_opened = 1 WHERE id % ${rows} < ${count}`,
  gone: (count: number) => `DELETE FROM safe WHERE id % ${rows} < ${count}`,
};

describe('the audit log of one row, then of twenty thousand in the same session', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([audit, safes]);
    const client = new pg.Client({ connectionString: register.databaseUrl });
    await client.connect();
    await client.query("INSERT INTO site (name) VALUES ('Oslo'); ANALYZE");
    // Autovacuum between two statements would have new plans made, at other times in each run.
    await client.query('ALTER TABLE safe SET (autovacuum_enabled = false)');
    await client.end();
  });
  after(() => register.stop());

  /** Milliseconds for each kind of bulk, on a session that wrote `warmUps` single rows of each kind before. */
  async function measure(warmUps: number): Promise<Record<string, number>> {
    const client = new pg.Client({ connectionString: register.databaseUrl });
    await client.connect();
    const took: Record<string, number> = {};
    try {
      for (const [kind, statement] of Object.entries(kinds)) {
        // A plan is kept after five uses at the earliest; what was written is taken back.
        for (let n = 0; n < warmUps; n += 1) await client.query(`BEGIN; ${statement(1)}; ROLLBACK`);
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
    const fresh: Record<string, number>[] = [];
    const used: Record<string, number>[] = [];
    for (let round = 0; round < 3; round += 1) {
      fresh.push(await measure(0));
      used.push(await measure(12));
    }
    const least = (of: Record<string, number>[], kind: string) =>
      Math.min(...of.map((each) => each[kind] ?? Number.NaN));
    for (const kind of Object.keys(kinds)) {
      const ratio = least(used, kind) / least(fresh, kind);
      assert.ok(ratio < 2, `${rows} ${kind}: ${ratio.toFixed(2)} times a fresh session`);
    }
  }).timeout(300_000);
});
