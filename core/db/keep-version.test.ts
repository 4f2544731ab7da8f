import assert from 'node:assert/strict';
import pg from 'pg';
import { books } from '../testing/fixtures/books.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';

/** What holds for a person in psql: no service, no transaction helper, only SQL. */
describe('the version of a record', () => {
  let database: TestDatabase;
  let psql: pg.Client;
  let me: string;

  before(async () => {
    database = await testDatabase([{ owner: 'books', folder: books.definition.migrations as URL }]);
    psql = new pg.Client({ connectionString: database.url });
    await psql.connect();
    me = `db:${(await psql.query('SELECT session_user AS name')).rows[0].name}`;
  });
  after(async () => {
    await psql.end();
    await database.drop();
  });
  beforeEach(() =>
    psql.query(`TRUNCATE book RESTART IDENTITY;
      INSERT INTO book (title, updated_at, created_at) VALUES ('Emma', '2020-01-01Z', '2020-01-01Z')`),
  );

  async function recordAfter(sql: string) {
    await psql.query(sql);
    const { rows } = await psql.query(
      "SELECT version, updated_by, updated_at > '2020-01-02' AS touched, created_at < '2020-01-02' AS original, created_by FROM book",
    );
    return rows[0];
  }

  it('goes up with each change, which is dated and signed', async () => {
    const row = await recordAfter("UPDATE book SET title = 'Emma II'");
    assert.deepEqual([row.version, row.touched, row.original], [2, true, true]);
    assert.equal(row.updated_by, me);
    assert.equal((await recordAfter("UPDATE book SET pages = 3, author = 'x'")).version, 3);
  });

  it('stays where nothing changed', async () => {
    const row = await recordAfter("UPDATE book SET title = 'Emma', pages = NULL");
    assert.deepEqual([row.version, row.touched], [1, false]);
  });

  it('stays where only a derived column changed', async () => {
    const row = await recordAfter('UPDATE book SET times_read = 7');
    assert.deepEqual([row.version, row.touched], [1, false]);
  });

  it('goes up where a derived column changed along with another', async () => {
    assert.equal((await recordAfter('UPDATE book SET times_read = 8, pages = 9')).version, 2);
  });

  it('cannot be set by hand, nor can who made it and when', async () => {
    const alone = await recordAfter(
      "UPDATE book SET version = 99, updated_at = '2030-01-01', updated_by = 'me', created_at = now(), created_by = 'me'",
    );
    assert.deepEqual(
      [alone.version, alone.touched, alone.original, alone.created_by, alone.updated_by],
      [1, false, true, me, me],
    );
    const along = await recordAfter("UPDATE book SET version = 99, pages = 1, updated_by = 'someone'");
    assert.deepEqual([along.version, along.updated_by], [2, me]);
  });

  it('is signed by the actor whom the transaction carries, and by the role again afterwards', async () => {
    const signed = await recordAfter(
      "BEGIN; SELECT set_config('cadastre.actor', 'user:7', true); UPDATE book SET pages = 1; COMMIT",
    );
    assert.equal(signed.updated_by, 'user:7');
    assert.equal((await recordAfter('UPDATE book SET pages = 2')).updated_by, me);
  });

  it('takes the actor from each row where a transaction writes for several', async () => {
    const row = await recordAfter(
      `BEGIN; SELECT set_config('cadastre.actor', 'each-row', true);
       UPDATE book SET pages = 1, updated_by = 'user:8'; COMMIT`,
    );
    assert.deepEqual([row.version, row.updated_by], [2, 'user:8']);
  });
});
