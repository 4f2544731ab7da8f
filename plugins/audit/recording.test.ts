import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { audit } from './index.ts';
import { inShort, type LogRow, logReader } from './testing/log.ts';
import { safes } from './testing/safes.ts';

/** What holds for a person in psql: no service, no transaction helper, only SQL. */
describe('the audit log of a person in psql', () => {
  let register: TestRegister;
  let psql: pg.Client;
  let fresh: () => Promise<LogRow[]>;
  let me: string;

  before(async () => {
    register = await startTestRegister([audit, safes]);
    psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    me = (await psql.query('SELECT session_user AS name')).rows[0].name;
    fresh = logReader(register.db.query);
    await psql.query("INSERT INTO site (name) VALUES ('Oslo'), ('Rome')");
  });
  after(async () => {
    await psql.end();
    await register.stop();
  });
  beforeEach(async () => {
    await psql.query('DELETE FROM safe');
    await fresh();
  });

  const one = async () => {
    const rows = await fresh();
    assert.equal(rows.length, 1, JSON.stringify(rows));
    return rows[0] as LogRow;
  };
  const make = (label = 'A') =>
    psql.query(`INSERT INTO safe (site_id, label, opened_at, papers, "order")
      VALUES (1, '${label}', '2026-01-02 03:04:05.6+02', '{"will": null}', '[null]')`);

  it('has a row for each that was made: who, what, and its business columns without those that are NULL', async () => {
    await make();
    const { at, changeId, entityId, ...row } = await one();
    assert.match(changeId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8/);
    assert.match(entityId, /^\d+$/);
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    assert.deepEqual(row, {
      id: (row as { id?: number }).id,
      actor: `db:${me}`,
      dbUser: me,
      source: 'db',
      sourceAddress: null,
      requestId: null,
      action: 'create',
      entity: 'strong-box',
      subject: 'A',
      key: { site: 'Oslo', label: 'A' },
      secrets: null,
      before: null,
      after: {
        site_id: 1,
        label: 'A',
        opened_at: '2026-01-02T01:04:05.6+00:00',
        papers: { will: null },
        order: [null],
      },
    });
  });

  it('has what was and what is of each that was changed, and none for what stayed', async () => {
    await make();
    await make('B');
    await fresh();
    await psql.query("UPDATE safe SET papers = NULL, label = 'C' WHERE label = 'A'");
    const row = await one();
    assert.equal(inShort(row), 'update strong-box C');
    assert.deepEqual([row.before?.label, row.before?.papers], ['A', { will: null }]);
    assert.deepEqual([row.after?.label, 'papers' in (row.after ?? {})], ['C', false]);
    await psql.query("UPDATE safe SET label = 'C', site_id = 1 WHERE label = 'C'");
    await psql.query(
      'UPDATE safe SET times_opened = 9, version = 7, updated_by = $$me$$, created_at = now()',
    );
    await psql.query("UPDATE safe SET label = 'D' WHERE false");
    assert.deepEqual(await fresh(), []);
  });

  it('has what was of each that is gone', async () => {
    await make();
    await fresh();
    await psql.query('DELETE FROM safe');
    const row = await one();
    assert.deepEqual([inShort(row), row.after], ['delete strong-box A', null]);
    assert.equal(row.before?.opened_at, '2026-01-02T01:04:05.6+00:00');
  });

  it('has the secrets that were set, changed or lost, and never what they are', async () => {
    await psql.query("INSERT INTO safe (site_id, label, combination) VALUES (1, 'A', 'open sesame')");
    await psql.query("UPDATE safe SET combination = 'open sesame'");
    await psql.query("UPDATE safe SET combination = 'open barley'");
    await psql.query("UPDATE safe SET label = 'B'");
    await psql.query('DELETE FROM safe');
    const rows = await fresh();
    assert.deepEqual(
      rows.map((row) => [inShort(row), row.secrets]),
      [
        ['create strong-box A', ['combination']],
        ['update strong-box A', ['combination']],
        ['update strong-box B', null],
        ['delete strong-box B', ['combination']],
      ],
    );
    assert.doesNotMatch(JSON.stringify(rows), /sesame|barley/);
  });

  it('tells times in UTC, whatever the zone and the style of the session', async () => {
    await psql.query("SET timezone = 'Asia/Kolkata'; SET datestyle = 'German, DMY'");
    await make();
    await psql.query("UPDATE safe SET opened_at = '2026-07-01 12:00:00 Europe/Oslo'");
    await psql.query('RESET timezone; RESET datestyle');
    const [made, changed] = await fresh();
    assert.equal(made?.after?.opened_at, '2026-01-02T01:04:05.6+00:00');
    assert.equal(changed?.after?.opened_at, '2026-07-01T10:00:00+00:00');
  });

  it('has one change id for a transaction, and another for the next', async () => {
    await psql.query('BEGIN');
    await make();
    await psql.query('SAVEPOINT s');
    await make('B');
    await psql.query("UPDATE safe SET label = 'C' WHERE label = 'B'; COMMIT");
    const rows = await fresh();
    assert.equal(rows.length, 3);
    assert.equal(new Set(rows.map(({ changeId }) => changeId)).size, 1);
    await make('D');
    assert.notEqual((await one()).changeId, rows[0]?.changeId);
  });

  it('has nothing of what was rolled back', async () => {
    await psql.query('BEGIN');
    await make();
    await psql.query('ROLLBACK');
    assert.deepEqual(await fresh(), []);
  });

  it('has a row for each that a reference took along, by what is left of its key', async () => {
    await psql.query("INSERT INTO site (name) VALUES ('Bonn')");
    const [site] = await fresh();
    await psql.query(
      `INSERT INTO safe (site_id, label) VALUES (${site?.entityId}, 'A'), (${site?.entityId}, 'B')`,
    );
    await fresh();
    await psql.query("DELETE FROM site WHERE name = 'Bonn'");
    const rows = await fresh();
    assert.deepEqual(rows.map(inShort).sort(), [
      'delete site Bonn',
      'delete strong-box A',
      'delete strong-box B',
    ]);
    assert.equal(new Set(rows.map(({ changeId }) => changeId)).size, 1);
    const box = rows.find(({ subject }) => subject === 'A');
    assert.deepEqual(box?.key, { site: Number(site?.entityId), label: 'A' });
  });

  it('has both where one statement makes some and changes others', async () => {
    await psql.query('CREATE UNIQUE INDEX safe_label ON safe (label)');
    await make();
    await fresh();
    await psql.query(`INSERT INTO safe (site_id, label) VALUES (2, 'A'), (2, 'B')
      ON CONFLICT (label) DO UPDATE SET site_id = EXCLUDED.site_id`);
    await psql.query('DROP INDEX safe_label');
    assert.deepEqual((await fresh()).map(inShort).sort(), ['create strong-box B', 'update strong-box A']);
  });

  it('has one that went and one that came where the primary key was changed', async () => {
    await make();
    await fresh();
    await psql.query('UPDATE safe SET id = DEFAULT');
    const rows = await fresh();
    assert.deepEqual(rows.map(({ action }) => action).sort(), ['create', 'delete']);
    assert.notEqual(rows[0]?.entityId, rows[1]?.entityId);
  });

  it('loses nothing to TRUNCATE, which is refused', async () => {
    await assert.rejects(psql.query('TRUNCATE safe'), /safe cannot be truncated.*use DELETE/);
    await assert.rejects(psql.query('TRUNCATE site CASCADE'), /cannot be truncated/);
  });

  it('cannot be led astray by tables and functions of the session', async () => {
    await psql.query(`CREATE TEMP TABLE audit_log (LIKE public.audit_log);
      CREATE SCHEMA astray;
      CREATE FUNCTION astray.audit_caller() RETURNS TABLE (n int) LANGUAGE sql AS 'SELECT 1 WHERE false';
      CREATE FUNCTION astray.jsonb_strip_nulls(jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
      SET search_path = astray, public, pg_catalog`);
    try {
      await psql.query("INSERT INTO public.safe (site_id, label) VALUES (1, 'A')");
    } finally {
      await psql.query('RESET search_path; DROP TABLE pg_temp.audit_log; DROP SCHEMA astray CASCADE');
    }
    assert.equal((await one()).after?.label, 'A');
  });
});
