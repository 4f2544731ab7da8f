import assert from 'node:assert/strict';
import pg from 'pg';
import type { Response } from 'supertest';
import { z } from 'zod';
import type { Tx } from '../db/transaction.ts';
import { books } from '../testing/fixtures/books.ts';
import { pluginOf } from '../testing/hosts.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { route } from './route.ts';

interface Reply {
  items: { id: number; title: string; version: number }[];
}

/** Has a route whose items go wrong in ways that are not theirs. */
const tricks = pluginOf('tricks', {
  routes: () => [
    route({
      method: 'post',
      path: '/tricks',
      summary: 'Do what the SQL says',
      permission: 'signed-in',
      body: z.strictObject({ sql: z.string() }),
      returns: z.object({ n: z.int() }),
      bulk: true,
      handler: async ({ write, body }) => {
        const { n } = (await write((tx: Tx) => tx.query<{ n: number }>(body.sql)))[0] as { n: number };
        if (n < 0) throw new TypeError('the inside is secret');
        return { n };
      },
    }),
  ],
});

describe('a list of changes', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books, tricks], { database: { lockTimeout: 200 } });
    // A sequence remembers, whatever is rolled back.
    await register.owner.query('CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO PUBLIC');
    await register.owner.query(`CREATE FUNCTION stumble() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') = 1 THEN RAISE serialization_failure; END IF;
      RETURN currval('tries'); END $$`);
  });
  after(() => register.stop());
  beforeEach(() => register.owner.query('TRUNCATE book'));

  const engineer = () => register.as('engineer');
  const change = (list: unknown, query = '', headers = {}) =>
    engineer().patch(`/books${query}`, list, headers);
  const titles = async () =>
    (await register.db.query<{ title: string }>('SELECT title FROM book ORDER BY id')).map(
      ({ title }) => title,
    );
  const make = async (...names: [string, string]) => {
    const { status, body } = await engineer().post(
      '/books',
      names.map((title) => ({ title })),
    );
    assert.equal(status, 201, JSON.stringify(body));
    return (body as Reply).items as [Reply['items'][0], Reply['items'][0]];
  };
  const status = ({ status: number, body }: Response) => `${number} ${body.type?.split(':').at(-1)}`;

  it('names each record and, where that matters, its version', async () => {
    const [a, b] = await make('a', 'b');
    const response = await change([
      { id: b.id, version: 1, title: 'B' },
      { id: a.id, title: 'A' },
    ]);
    assert.deepEqual(
      [response.status, (response.body as Reply).items.map(({ title, version }) => [title, version])],
      [
        200,
        [
          ['B', 2],
          ['A', 2],
        ],
      ],
    );
    assert.deepEqual(await titles(), ['A', 'B']);
  });

  it('is refused whole where one record has changed in the meantime, and tells what it is now', async () => {
    const [a, b] = await make('a', 'b');
    const stale = [
      { id: a.id, version: 1, title: 'A' },
      { id: b.id, version: 7, title: 'B' },
      { id: 999_999, title: 'C' },
    ];
    const response = await change(stale);
    assert.equal(status(response), '412 version-mismatch');
    assert.deepEqual([response.body.current.title, response.headers.etag], ['b', undefined]);
    assert.match(response.body.detail, /2 of 3 items are refused; the first, body\.1: .*"7".*"1"/);
    assert.deepEqual(
      response.body.refused.map(
        ({ index, status, current }: { index: number; status: number; current?: object }) => [
          index,
          status,
          current !== undefined,
        ],
      ),
      [
        [1, 412, true],
        [2, 404, false],
      ],
    );
    assert.deepEqual(await titles(), ['a', 'b']);
    const partial = await change(stale, '?mode=partial');
    assert.deepEqual(
      partial.body.results.map((each: { status: number }) => each.status),
      [200, 412, 404],
    );
    assert.deepEqual(await titles(), ['A', 'b']);
  });

  it('knows what an item has, and is nothing but a list', async () => {
    const misspelt = await change([{ id: 0, versoin: 1, title: 'A' }, 7]);
    assert.deepEqual(
      misspelt.body.errors.map(({ path }: { path: string }) => path),
      ['body.0.id', 'body.0.versoin', 'body.1'],
    );
    assert.match(misspelt.body.errors[1].message, /did you mean "version"\?/);
    const single = await change({ id: 1, title: 'A' });
    assert.deepEqual([status(single), single.body.errors[0].path], ['422 invalid', 'body']);
    const guarded = await change([{ id: 1, title: 'A' }], '', { 'If-Match': '"1"' });
    assert.match(guarded.body.detail, /header\.If-Match: A list has no version: give each item the version/);
  });

  it('is run again as a whole where PostgreSQL asks for it', async () => {
    const insert = `INSERT INTO book (title) VALUES ('a') RETURNING 1 AS n`;
    const list = [{ sql: insert }, { sql: 'SELECT stumble() AS n' }];
    const { status, body } = await engineer().post('/tricks?mode=partial', list);
    assert.deepEqual(
      [status, body.results.map((each: { item: object }) => each.item)],
      [207, [{ n: 1 }, { n: 2 }]],
    );
    assert.deepEqual(await titles(), ['a']);
  });

  it('fails as a whole, and not an item of it, where a record is held for too long', async () => {
    const [a, b] = await make('a', 'b');
    const holder = new pg.Client({ connectionString: register.databaseUrl });
    await holder.connect();
    await holder.query(`BEGIN; SELECT 1 FROM book WHERE title = 'b' FOR UPDATE`);
    const list = [
      { id: a.id, title: 'A' },
      { id: b.id, title: 'B' },
    ];
    const held = await change(list, '?mode=partial');
    assert.deepEqual([status(held), held.headers['retry-after']], ['503 unavailable', '2']);
    await holder.query('ROLLBACK');
    await holder.end();
    assert.deepEqual(await titles(), ['a', 'b']);
  });

  it('fails as a whole where the fault is ours', async () => {
    const insert = `INSERT INTO book (title) VALUES ('a') RETURNING 1 AS n`;
    const response = await engineer().post('/tricks?mode=partial', [
      { sql: insert },
      { sql: 'SELECT -1 AS n' },
    ]);
    assert.equal(status(response), '500 internal');
    assert.deepEqual(await titles(), []);
  });
});
