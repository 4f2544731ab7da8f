import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { definePlugin, type Sealer, type Statement, type Transact } from '#core';
import { keptLog, startTestRegister, type TestRegister, untilPastIsOver } from '#core/testing';
import { audit } from '../index.ts';
import { createSealing } from './sealing.ts';

const anyHead = 'ab'.repeat(32);

let sealer: Sealer | undefined;
const keyHolder = definePlugin({
  name: 'key-holder',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Tells the test what seals.',
  setup(ctx) {
    sealer = ctx.sealer;
  },
});

describe('the seals of the audit log', () => {
  let register: TestRegister;
  let superuser: pg.Client;
  let written: ReturnType<typeof keptLog>;
  const seals = () => register.host.api(audit).seals;

  beforeEach(async () => {
    written = keptLog();
    register = await startTestRegister([audit, keyHolder], { log: written.log });
    superuser = new pg.Client({ connectionString: register.databaseUrl });
    await superuser.connect();
  });
  afterEach(async () => {
    await superuser.end();
    await register.stop();
  });

  /** Writes rows as the application does, in one transaction; `on` is a connection that may have begun one. */
  async function log(
    rows: number,
    { at = 'clock_timestamp()', on = register.db as { query(text: string): Promise<unknown> } } = {},
  ) {
    await on.query(
      `INSERT INTO audit_log (at, change_id, actor, source, action, entity, entity_id, subject, key, after)
       SELECT ${at}, '${randomUUID()}', 'user:7', 'rest', 'create', 'book', n, n, jsonb_build_object('id', n), '{"price": 1.50}'
         FROM generate_series(1, ${rows}) AS n`,
    );
  }
  const seal = async () => {
    await untilPastIsOver(register.db);
    await register.runJob('audit.seal');
  };
  const faultOf = async () => {
    const { fault } = await seals().verify();
    return fault && { what: fault.what, rowId: fault.rowId, sealId: fault.sealId };
  };
  /** Does what only somebody can who owns the server. */
  const tamper = (text: string) =>
    superuser.query(`SET session_replication_role = replica; ${text}; SET session_replication_role = origin`);

  it('are about every row once its transaction is over, a thousand at most in each', async () => {
    assert.deepEqual(await seals().verify(), {
      rows: 0,
      seals: 0,
      sealedUntil: null,
      head: null,
      unsealed: { rows: 0, since: null },
      dropped: null,
      fault: null,
    });
    await log(2_500);
    await seal();
    assert.equal(await seals().lag(), 0);
    await log(3);
    assert.ok((await seals().lag()) > 0);
    const { rows, seals: count, unsealed, fault, head } = await seals().verify();
    assert.deepEqual([rows, count, unsealed.rows, fault], [2_500, 3, 3, null]);
    const heads = written.lines.filter(({ msg }) => msg === 'audit log sealed').map((line) => line.head);
    assert.equal(heads.length, 3);
    assert.equal(heads.at(-1), head, 'each head is in the process log');
  });

  it('leave out what a running transaction holds back, and miss nothing of it later', async () => {
    const slow = new pg.Client({ connectionString: register.databaseUrl });
    await slow.connect();
    await slow.query('BEGIN');
    await log(2, { on: slow });
    await log(5);
    await register.runJob('audit.seal');
    assert.equal((await seals().verify()).rows, 0, 'nothing that is younger than what still runs');
    await slow.query('COMMIT');
    await slow.end();
    await log(1);
    await seal();
    const { rows, unsealed, fault } = await seals().verify();
    assert.deepEqual([rows, unsealed.rows, fault], [8, 0, null]);
  });

  it('are one chain, also where two processes seal at once', async () => {
    await log(6_000);
    await untilPastIsOver(register.db);
    const made = await Promise.all([seals().seal(run()), seals().seal(run())]);
    assert.equal(made[0] + made[1], 6);
    const { rows, seals: count, fault } = await seals().verify();
    assert.deepEqual([rows, count, fault], [6_000, 6, null]);
  });

  it('go on where a run was cut short', async () => {
    await log(3_000);
    await untilPastIsOver(register.db);
    let looks = 0;
    // Ends before the second look at whether it has to: with one seal made.
    const signal = { throwIfAborted: () => assert.ok(looks++ < 1, 'the process ends') } as AbortSignal;
    await assert.rejects(seals().seal({ ...run(), signal }), /the process ends/);
    assert.equal((await seals().verify()).seals, 1);
    await seal();
    const { rows, seals: count, fault } = await seals().verify();
    assert.deepEqual([rows, count, fault], [3_000, 3, null]);
  });

  it('have canonical bytes: the session of who verifies changes nothing', async () => {
    await log(3, { at: "'2026-03-01 00:30:00.123456+02'" });
    await seal();
    await superuser.query(
      `ALTER DATABASE ${new URL(register.databaseUrl).pathname.slice(1)} SET timezone = 'Asia/Kathmandu';
       ALTER DATABASE ${new URL(register.databaseUrl).pathname.slice(1)} SET datestyle = 'SQL, DMY'`,
    );
    await register.db.withConnection((connection) => connection.query('SET TimeZone = "Asia/Kathmandu"'));
    assert.deepEqual(await faultOf(), null);
  });

  it('digest every column of the log', async () => {
    await log(1);
    await seal();
    const { rows } = await superuser.query<{ name: string; type: string }>(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = 'audit_log'`,
    );
    await superuser.query('ALTER TABLE audit_log ALTER id DROP IDENTITY');
    const other: Record<string, string> = {
      bigint: '99',
      'timestamp with time zone': "at + interval '1 microsecond'",
      xid8: "'3'",
      uuid: 'gen_random_uuid()',
      text: "'db'",
      inet: "'192.0.2.1'",
      ARRAY: "'{a}'",
      jsonb: `'{"price": 1.51}'`,
    };
    for (const { name, type } of rows) {
      await superuser.query('CREATE TEMP TABLE kept AS SELECT * FROM audit_log');
      const value = name === 'action' ? "'delete'" : (other[type] ?? '?');
      await tamper(`UPDATE audit_log SET ${name} = ${value}`);
      assert.ok(await faultOf(), `${name} was altered`);
      await tamper('DELETE FROM audit_log; INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM kept');
      await superuser.query('DROP TABLE kept');
      assert.equal(await faultOf(), null, name);
    }
  });

  describe('name', () => {
    let ids: number[];
    beforeEach(async () => {
      await log(1_200);
      await seal();
      await log(1_200);
      await seal();
      ids = (await register.db.query<{ id: number }>('SELECT id FROM audit_log ORDER BY id')).map(
        ({ id }) => id,
      );
    });
    const id = (nth: number) => ids[nth] as number;

    it('a row that was altered', async () => {
      await tamper(`UPDATE audit_log SET after = '{"price": 1.5}' WHERE id = ${id(1_500)}`);
      assert.deepEqual(await faultOf(), { what: 'row altered', rowId: id(1_500), sealId: 3 });
      assert.match(
        (await seals().verify()).fault?.say ?? '',
        /^Row \d+ was altered since seal 3\. It says now: 20.*Z, user:7, create of book 301\.$/,
      );
    });

    it('a row whose place in the order was altered', async () => {
      await tamper(
        `UPDATE audit_log SET xact = (xact::text::bigint + 100000)::text::xid8 WHERE id = ${id(7)}`,
      );
      assert.deepEqual(await faultOf(), { what: 'row altered', rowId: id(7), sealId: 1 });
    });

    it('a row that was removed, the first of a seal and the last, too', async () => {
      for (const nth of [2_399, 1_200, 1_000, 0]) {
        await tamper(`DELETE FROM audit_log WHERE id = ${id(nth)}`);
        assert.equal((await seals().verify()).fault?.rowId, id(nth));
      }
      assert.deepEqual(await faultOf(), { what: 'row removed', rowId: id(0), sealId: 1 });
    });

    it('a row that was added, and that also where it has an id that none ever had', async () => {
      const copy = (as: string, from: number, xact = 'xact') => `INSERT INTO audit_log
        (id, at, xact, change_id, actor, source, action, entity, entity_id, subject, key)
        OVERRIDING SYSTEM VALUE SELECT ${as}, at, ${xact}, change_id, 'user:1', source, 'delete', entity, entity_id, subject, key
          FROM audit_log WHERE id = ${id(from)}`;
      await tamper(copy('100000', 1_300));
      assert.deepEqual(await faultOf(), { what: 'row added', rowId: 100_000, sealId: 4 });
      await tamper(copy('-5', 3, "'0'"));
      assert.deepEqual(await faultOf(), { what: 'row added', rowId: -5, sealId: undefined });
    });

    it('the first of two that changed places', async () => {
      await tamper(`UPDATE audit_log a SET after = b.after, subject = b.subject FROM audit_log b
        WHERE (a.id, b.id) IN ((${id(10)}, ${id(11)}), (${id(11)}, ${id(10)}))`);
      assert.deepEqual(await faultOf(), { what: 'row altered', rowId: id(10), sealId: 1 });
    });

    it('a seal that was altered, with its digests or without', async () => {
      await tamper(
        'UPDATE audit_seal SET digests = overlay(digests PLACING sha256($$x$$) FROM 33) WHERE id = 3',
      );
      assert.deepEqual(await faultOf(), { what: 'seal altered', rowId: undefined, sealId: 3 });
      await tamper("UPDATE audit_seal SET made_at = made_at - interval '1 day' WHERE id = 2");
      assert.deepEqual(await faultOf(), { what: 'seal altered', rowId: undefined, sealId: 2 });
    });

    it('seals that changed places, and one that is gone', async () => {
      await tamper(
        'UPDATE audit_seal SET id = -2 WHERE id = 2; UPDATE audit_seal SET id = 2 WHERE id = 3; UPDATE audit_seal SET id = 3 WHERE id = -2',
      );
      assert.deepEqual(await faultOf(), { what: 'seal altered', rowId: undefined, sealId: 2 });
      await tamper('DELETE FROM audit_seal WHERE id = 2');
      assert.deepEqual(await faultOf(), { what: 'seal removed', rowId: undefined, sealId: 2 });
    });

    it('nothing in time that was not asked for', async () => {
      await tamper(`DELETE FROM audit_log WHERE id = ${id(0)}`);
      const [row] = await register.db.query<{ at: string }>('SELECT at FROM audit_log WHERE id = $1', [
        id(1_999),
      ]);
      const verdict = await seals().verify({ from: row?.at });
      assert.deepEqual([verdict.fault, verdict.seals], [null, 2]);
      assert.equal((await seals().verify({ to: row?.at })).fault?.rowId, id(0));
    });

    it('a head from the process log that the chain does not have any more', async () => {
      const { head } = await seals().verify();
      assert.equal((await seals().verify({ head: head?.toUpperCase() })).fault, null);
      await tamper('DELETE FROM audit_seal WHERE id = 4');
      assert.equal((await seals().verify()).fault, null, 'nobody could tell without a head');
      assert.equal((await seals().verify({ head: head ?? '' })).fault?.what, 'head missing');
      assert.equal((await seals().verify({ head: anyHead })).fault?.what, 'head missing');
    });
  });

  describe('of a log that was restored into another server, where transactions have smaller numbers,', () => {
    const first = 'SELECT min(id) FROM audit_log';
    beforeEach(async () => {
      await log(600);
      await register.db.query(`SELECT nextval(pg_get_serial_sequence('audit_log', 'id'))`);
      await log(500);
      await tamper(`UPDATE audit_log SET xact = ((xact::text::bigint + 1000000) || '')::xid8;
        UPDATE audit_log SET xact = ((xact::text::bigint + 2000000) || '')::xid8 WHERE id = (${first}) + 49`);
      const [now] = await register.db.query<{ xact: string }>('SELECT pg_current_xact_id()::text AS xact');
      const horizon = String(BigInt(now?.xact ?? '') + 2_000_000n);
      await createSealing({ sealer, log: written.log, transact: elsewhere(horizon) })(run());
      assert.equal((await seals().verify()).rows, 1_099);
      // What the other server had not sealed yet, and what was written here before the first run.
      await log(4);
      await tamper(
        `UPDATE audit_log SET xact = ((xact::text::bigint + 3000000) || '')::xid8 WHERE id >= (${first}) + 1101`,
      );
      await log(3);
      await seal();
      await log(2);
      await seal();
    });

    it('go on there, and miss nothing', async () => {
      const { rows, unsealed, fault } = await seals().verify();
      assert.deepEqual([rows, unsealed.rows, fault], [1_109, 0, null]);
    });

    it('name rows of then and of now', async () => {
      for (const nth of [1_109, 1_102, 1_106, 49, 3]) {
        await tamper(`UPDATE audit_log SET actor = 'user:1' WHERE id = (${first}) + ${nth}`);
        const [row] = await register.db.query<{ id: number }>(`SELECT (${first}) + ${nth} AS id`);
        assert.equal((await seals().verify()).fault?.rowId, row?.id);
      }
    });

    it('name what was added to the past', async () => {
      await tamper(`INSERT INTO audit_log (id, xact, change_id, actor, source, action, entity, entity_id, subject, key)
        OVERRIDING SYSTEM VALUE SELECT id + 595, '99999999', change_id, actor, source, action, entity, entity_id, subject, key
          FROM audit_log WHERE id = (${first}) + 5`);
      assert.equal((await seals().verify()).fault?.what, 'row added');
    });
  });

  const run = () => ({
    caller: { actor: 'job:audit.seal', changeId: randomUUID(), source: 'job' as const },
    signal: new AbortController().signal,
  });
  /** Transactions as on a server that has come to this number. */
  const elsewhere =
    (horizon: string): Transact =>
    (caller, work) =>
      register.host.transact(caller, (tx) => {
        const query = async (statement: Statement, values?: readonly unknown[]) => {
          const rows = await tx.query<object>(statement, values);
          if (statement.name !== 'audit_moment') return rows;
          return rows.map((row) => ({ ...row, server: 'elsewhere', horizon }));
        };
        return work({ ...tx, query: query as never });
      });
});
