import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startTestRegister, type TestRegister, untilPastIsOver } from '#core/testing';
import { audit } from '../index.ts';

/** A month counted from this one, as 2026_11. */
function monthOf(offset: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1))
    .toISOString()
    .slice(0, 7)
    .replace('-', '_');
}
const dayIn = (offset: number) => `${monthOf(offset).replace('_', '-')}-03 12:00:00+00`;

describe('the months of the audit log', () => {
  let register: TestRegister;
  const open = async (env: NodeJS.ProcessEnv = {}) => {
    register = await startTestRegister([audit], { env });
  };
  afterEach(() => register.stop());

  const seal = async () => {
    await untilPastIsOver(register.db);
    await register.runJob('audit.seal');
  };

  const log = (at: string, rows = 1) =>
    register.db.query(
      `INSERT INTO audit_log (at, change_id, actor, source, action, entity, entity_id, subject, key)
       SELECT $1::timestamptz, '${randomUUID()}', 'user:7', 'rest', 'create', 'book', n, n, '{}' FROM generate_series(1, $2::int) AS n`,
      [at, rows],
    );
  const partitions = async () =>
    (
      await register.db.query<{ name: string }>(
        `SELECT relname AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
          WHERE inhparent = 'audit_log'::regclass ORDER BY relname`,
      )
    ).map(({ name }) => name.replace('audit_log_', ''));
  const homes = async () =>
    register.db.query(`SELECT replace(tableoid::regclass::text, 'audit_log_', '') AS home, count(*)::int AS rows
                         FROM audit_log GROUP BY 1 ORDER BY 1`);

  it('are there at the start: this one and three ahead', async () => {
    await open();
    assert.deepEqual(await partitions(), [monthOf(0), monthOf(1), monthOf(2), monthOf(3), 'default']);
  });

  it('that have no partition stop nothing; their rows get one of their own with the next run, ids and seals as they were', async () => {
    await open();
    await log(dayIn(5), 3);
    await log(dayIn(9), 2);
    await log(dayIn(0));
    await seal();
    assert.deepEqual(await homes(), [
      { home: monthOf(0), rows: 1 },
      { home: 'default', rows: 5 },
    ]);
    const before = await register.db.query('SELECT * FROM audit_log ORDER BY id');

    await register.runJob('audit.months');
    assert.deepEqual(await homes(), [
      { home: monthOf(0), rows: 1 },
      { home: monthOf(5), rows: 3 },
      { home: monthOf(9), rows: 2 },
    ]);
    assert.deepEqual(await register.db.query('SELECT * FROM audit_log ORDER BY id'), before);
    assert.equal((await register.host.api(audit).seals.verify()).fault, null);
    await log(dayIn(7));
    assert.deepEqual((await homes()).at(-1), { home: 'default', rows: 1 });
  });

  it('are made while somebody is writing the log, who is not waited for', async () => {
    await open();
    await register.owner.query(`DROP TABLE audit_log_${monthOf(3)}`);
    const writer = new pg.Client({ connectionString: register.databaseUrl });
    await writer.connect();
    await writer.query(`BEGIN; INSERT INTO audit_log (change_id, actor, source, action, entity, entity_id, subject, key)
                        VALUES (gen_random_uuid(), 'user:7', 'rest', 'create', 'book', '1', '1', '{}')`);
    await register.runJob('audit.months');
    assert.ok((await partitions()).includes(monthOf(3)));
    await writer.query('COMMIT');
    await writer.end();
  });

  it('are as closed as the whole, when they were made later, too', async () => {
    await open();
    const made = `audit_log_${monthOf(3)}`;
    for (const run of [register.owner.query, register.db.query]) {
      await assert.rejects(run(`TRUNCATE ${made}`), { code: '42501' });
      await assert.rejects(run('TRUNCATE audit_log_default'), { code: '42501' });
    }
    await log(dayIn(3));
    await assert.rejects(register.owner.query(`DELETE FROM ${made}`), /append-only/);
    await assert.rejects(register.owner.query(`UPDATE ${made} SET actor = 'user:1'`), /append-only/);
    await assert.rejects(register.db.query(`DELETE FROM ${made}`), /permission denied/);
    const indexes = (table: string) =>
      register.db.query(`SELECT replace(indexdef, tablename, '') FROM pg_indexes WHERE tablename = $1`, [
        table,
      ]);
    assert.equal((await indexes(made)).length, (await indexes('audit_log_default')).length);
  });

  it('stay for ever unless told otherwise', async () => {
    await open();
    await log(dayIn(-30));
    await register.runJob('audit.months');
    await register.runJob('audit.months');
    assert.equal((await homes()).length, 1);
  });

  it('are dropped as wholes when their time is over; the log says so, and its seals hold', async () => {
    await open({ CADASTRE_AUDIT_RETENTION_MONTHS: '2' });
    for (const offset of [-4, -3, -2, -1, 0]) await log(dayIn(offset), 2);
    await seal();
    await register.runJob('audit.months');
    assert.deepEqual(
      await homes(),
      [
        { home: monthOf(-1), rows: 2 },
        { home: monthOf(-2), rows: 2 },
        { home: monthOf(0), rows: 4 },
      ].sort((a, b) => (a.home < b.home ? -1 : 1)),
    );
    const month = (offset: number) => monthOf(offset).replace('_', '-');
    assert.deepEqual(
      await register.db.query(`SELECT actor, db_user AS "dbUser", source, action, entity, key, before FROM audit_log
                                WHERE entity = 'audit-month' ORDER BY id`),
      [-4, -3].map((offset) => ({
        actor: 'job:audit.months',
        dbUser: 'cadastre_test',
        source: 'job',
        action: 'delete',
        entity: 'audit-month',
        key: { month: month(offset) },
        before: { rows: 2 },
      })),
    );
    await seal();
    const { rows, fault, dropped } = await register.host.api(audit).seals.verify();
    assert.deepEqual([rows, fault, dropped?.month, dropped?.actor], [8, null, month(-3), 'job:audit.months']);

    // What is not over may not go, whatever the log says of what went.
    await register.owner.query(`ALTER TABLE audit_log DETACH PARTITION audit_log_${monthOf(-2)}`);
    assert.equal((await register.host.api(audit).seals.verify()).fault?.what, 'row removed');
  });

  it('are dropped as the owner has decided, whatever the application asks for', async () => {
    await open();
    await log(dayIn(-30));
    for (const attempt of ['SELECT keep_audit_months(1)', 'DROP FUNCTION audit_months_kept()']) {
      await assert.rejects(register.db.query(attempt), { code: '42501' });
    }
    await register.db.query('SELECT drop_audit_months()');
    assert.equal((await homes()).length, 1);
  });
});
