import assert from 'node:assert/strict';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { createRunAhead, type RunAhead } from './ahead.ts';
import { type Database, openDatabase } from './database.ts';

describe('a statement ahead of the disk', () => {
  let own: TestDatabase;
  let db: Database;
  let runAhead: RunAhead;
  before(async () => {
    own = await testDatabase();
    db = openDatabase({ url: own.url, poolSize: 2 });
    runAhead = createRunAhead(db, {});
    await db.query('CREATE TABLE note (id int PRIMARY KEY, written pg_lsn)');
    await db.query(`CREATE FUNCTION jot(n int) RETURNS SETOF note LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM set_config('synchronous_commit', 'off', true);
        RETURN QUERY INSERT INTO note VALUES (n, pg_current_wal_insert_lsn()) RETURNING *;
      END $$`);
  });
  after(async () => {
    await db.close();
    await own.drop();
  });

  const jot = { name: 'jot', text: 'SELECT id FROM jot($1)' };
  it('answers its rows, and then that they are on disk', async () => {
    const { rows, onDisk } = await runAhead<{ id: number }>('notes', jot, [1]);
    assert.deepEqual(rows, [{ id: 1 }]);
    await onDisk;
    const kept = await db.query('SELECT pg_current_wal_flush_lsn() > written AS is FROM note WHERE id = 1');
    assert.deepEqual(kept, [{ is: true }]);
    assert.deepEqual(await db.query('SELECT id FROM note'), [{ id: 1 }]);
  });

  it('fails as any other, and leaves the connection as it was', async () => {
    await runAhead('notes', jot, [2]);
    for (let n = 0; n < 4; n += 1)
      await assert.rejects(runAhead('notes', jot, [2]), { name: 'Problem', status: 409 });
    assert.deepEqual(await db.query('SELECT count(*) AS n FROM note WHERE id = 2'), [{ n: 1 }]);
    const { rows } = await runAhead<{ id: number }>('notes', jot, [3]);
    assert.deepEqual(rows, [{ id: 3 }]);
  });

  it('is run again where it had to give way, and many at once share the pool', async () => {
    await db.query(`CREATE SEQUENCE tries`);
    await db.query(`CREATE FUNCTION jot_at_last(n int) RETURNS SETOF note LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('tries') < 3 THEN
          RAISE EXCEPTION 'later' USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN QUERY SELECT * FROM jot(n);
      END $$`);
    const { rows } = await runAhead(
      'notes',
      { name: 'jot_at_last', text: 'SELECT id FROM jot_at_last($1)' },
      [4],
    );
    assert.deepEqual(rows, [{ id: 4 }]);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => runAhead<{ id: number }>('notes', jot, [100 + n])),
    );
    await Promise.all(all.map(({ onDisk }) => onDisk));
    assert.deepEqual(
      all.map((each) => each.rows[0]?.id),
      Array.from({ length: 20 }, (_, n) => 100 + n),
    );
  });

  it('fails with 503 where it is not known to be on disk, though its rows have come', async () => {
    const losing: Database = {
      ...db,
      lend: (work) =>
        db.lend((client) =>
          work(
            new Proxy(client, {
              get(target, name) {
                if (name !== 'query') return Reflect.get(target, name);
                return (query: { name?: string }) =>
                  query.name === 'flush_log'
                    ? Promise.reject(new Error('Connection terminated unexpectedly'))
                    : target.query(query as never);
              },
            }),
          ),
        ),
    };
    const { rows, onDisk } = await createRunAhead(losing, {})<{ id: number }>('notes', jot, [5]);
    assert.deepEqual(rows, [{ id: 5 }]);
    await assert.rejects(onDisk, { name: 'Problem', status: 503 });
  });

  it('goes by the connection of the one before, if it comes soon, and keeps none for longer', async () => {
    const where = {
      name: 'where',
      text: "SELECT pg_backend_pid() AS pid, set_config('synchronous_commit', 'off', true)",
    };
    const pidIn = async (lane: string) => {
      const { rows, onDisk } = await runAhead<{ pid: number }>(lane, where, []);
      await onDisk;
      return rows[0]?.pid;
    };
    const first = await pidIn('a');
    assert.equal(await pidIn('a'), first);
    for (const lane of ['b', 'c', 'd']) await pidIn(lane);
    // Of the two in the pool both are to be had.
    await db.withConnection(() => db.withConnection(async () => undefined));
  });
});
