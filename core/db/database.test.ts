import assert from 'node:assert/strict';
import { ConnectionAcquireTimeoutError, DataTypes, Model } from 'sequelize';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { type Database, named, openDatabase } from './database.ts';
import { databaseProblem } from './failures.ts';
import { bindModel, defineModel } from './model.ts';

describe('the database', () => {
  let database: TestDatabase;
  let db: Database;

  before(async () => {
    database = await testDatabase();
    db = openDatabase({ url: database.url });
  });
  after(async () => {
    await db.close();
    await database.drop();
  });

  const one = async (sql: string) => (await db.query<{ v: unknown }>(`SELECT ${sql} AS v`))[0]?.v;

  for (const [sql, expected] of [
    ['9007199254740991::bigint', 9007199254740991],
    ["'{1,2}'::bigint[]", [1, 2]],
    ['0.10::numeric', '0.10'],
    ["'2026-01-02 03:04:05.6+02'::timestamptz", '2026-01-02T01:04:05.6Z'],
    ["'2026-01-02'::date", '2026-01-02'],
    ["'::1.2.3.4'::inet", '::102:304'],
    ["'::255.255.0.1'::inet", '::ffff:1'],
    ["'::1.2.3.0/120'::cidr", '::102:300/120'],
    ["'::1'::inet", '::1'],
    ["'::/96'::cidr", '::/96'],
    ["'::ffff:1.2.3.4'::inet", '::ffff:1.2.3.4'],
    ["'10.0.0.1'::inet", '10.0.0.1'],
    ["'10.0.0.1/24'::inet", '10.0.0.1/24'],
    ["'2001:db8::/32'::cidr", '2001:db8::/32'],
    ['\'{"a":[1]}\'::jsonb', { a: [1] }],
    ['NULL::bigint', null],
  ] as const) {
    it(`reads ${sql} as ${JSON.stringify(expected)}`, async () => assert.deepEqual(await one(sql), expected));
  }

  it('refuses an integer that JSON would round', async () => {
    await assert.rejects(one('9007199254740993::bigint'), RangeError);
  });

  it('speaks UTC whatever the server does', async () => {
    assert.match(String(await one("current_setting('TimeZone')")), /UTC|\+00/);
  });

  it('prepares a named statement once and binds values', async () => {
    const sum = named('sum', 'SELECT $1::int + $2::int AS v');
    assert.deepEqual(await db.query(sum, [1, 2]), [{ v: 3 }]);
    assert.deepEqual(await db.query(sum, [3, 4]), [{ v: 7 }]);
  });

  it('lends a bare connection and takes it back, also from work that throws', async () => {
    const small = openDatabase({ url: database.url, poolSize: 1 });
    await assert.rejects(
      small.withConnection(() => Promise.reject(new Error('no'))),
      /no/,
    );
    const { rows } = await small.withConnection((connection) => connection.query('SELECT 1 AS v'));
    assert.deepEqual(rows, [{ v: 1 }]);
    await small.close();
  });

  it('is 503 where nothing listens, and once it is closed', async () => {
    const nobody = openDatabase({ url: 'postgres://a:b@127.0.0.1:1/c' });
    await assert.rejects(nobody.query('SELECT 1'), { status: 503 });
    await nobody.close();
    await assert.rejects(nobody.query('SELECT 1'), { status: 503 });
  });

  it('does not lend a connection again that has just died', async () => {
    const small = openDatabase({ url: database.url, poolSize: 1 });
    for (let i = 0; i < 5; i += 1) {
      await assert.rejects(small.query('SELECT pg_terminate_backend(pg_backend_pid())'), { status: 503 });
      assert.deepEqual(await small.query('SELECT 1 AS one'), [{ one: 1 }]);
    }
    await small.close();
  });

  it('is 503 where every connection is busy for too long', () => {
    const fault = new ConnectionAcquireTimeoutError(new Error('ResourceRequest timed out'));
    assert.throws(
      () => {
        throw databaseProblem(fault);
      },
      { status: 503, message: /All database connections are busy/ },
    );
  });

  it('is 503 where a deadlock or a serialisation failure strikes outside a transaction helper', async () => {
    for (const condition of ['deadlock_detected', 'serialization_failure']) {
      await assert.rejects(db.query(`DO $$ BEGIN RAISE ${condition}; END $$`), { status: 503 });
    }
  });

  it('leaves a fault in our own SQL what it is', async () => {
    await assert.rejects(db.query('SELEKT 1'), { code: '42601' });
  });

  it('does not take an error of Node for one of PostgreSQL', async () => {
    const fault = Object.assign(new Error('bad descriptor'), { code: 'EBADF' });
    await assert.rejects(
      db.withConnection(() => Promise.reject(fault)),
      (thrown) => thrown === fault,
    );
  });
});

describe('a model', () => {
  class Note extends Model {
    declare id: number;
    declare madeAt: Date;
  }
  const definition = defineModel<Model>(Note as never, {
    table: 'note',
    columns: {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      madeAt: { type: DataTypes.DATE },
    } as never,
  });

  it('is bound to each connection on its own', async () => {
    const databases = await Promise.all([testDatabase(), testDatabase()]);
    const [left, right] = databases.map(({ url }) => openDatabase({ url })) as [Database, Database];
    for (const db of [left, right]) {
      await db.query(
        'CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY, made_at timestamptz DEFAULT now())',
      );
    }
    const [inLeft, inRight] = [bindModel(definition, left.sequelize), bindModel(definition, right.sequelize)];
    await inLeft.create({});
    assert.deepEqual([await inLeft.count(), await inRight.count()], [1, 0]);
    assert.equal((inLeft.getAttributes() as Record<string, { Model?: unknown }>).madeAt?.Model, inLeft);
    assert.equal((inRight.getAttributes() as Record<string, { Model?: unknown }>).madeAt?.Model, inRight);
    assert.deepEqual(Object.keys((definition.columns as unknown as { madeAt: object }).madeAt), ['type']);
    await Promise.all([left.close(), right.close()]);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('reads ids as numbers and times as dates', async () => {
    const database = await testDatabase();
    const db = openDatabase({ url: database.url });
    await db.query(
      'CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY, made_at timestamptz DEFAULT now())',
    );
    const bound = bindModel(definition, db.sequelize);
    await bound.create({});
    const row = (await bound.findOne()) as Note | null;
    assert.equal(row?.id, 1);
    assert.ok(row?.madeAt === null || row?.madeAt instanceof Date);
    await db.close();
    await database.drop();
  });
});
