import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Response } from 'supertest';
import { createIssueToken } from '../auth/tokens.ts';
import { books } from '../testing/fixtures/books.ts';
import { firstChange, heard, keys, seen } from '../testing/fixtures/keys.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { purgeIdempotencyKeys } from './idempotency.ts';
import type { IdempotencyKey } from './request.ts';

describe('a POST with an Idempotency-Key', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books, keys], { database: { lockTimeout: 400 } });
    // A sequence remembers, whatever is rolled back.
    await register.owner.query('CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO PUBLIC');
    await register.owner.query(`CREATE FUNCTION stumble() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') = 1 THEN RAISE serialization_failure; END IF;
      RETURN currval('tries'); END $$`);
  });
  after(() => register.stop());
  beforeEach(async () => {
    await register.owner.query('TRUNCATE book, outbox, idempotency_key');
    heard.length = 0;
    seen.length = 0;
  });

  const send = (key: string, path: string, body: unknown) =>
    register.as('engineer').post(path, body, { 'Idempotency-Key': key });
  const add = (key: string, body: unknown = { title: 'Emma' }, query = '') =>
    send(key, `/books${query}`, body);
  const count = async (table: string) => {
    const [{ n } = { n: -1 }] = await register.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`);
    return n;
  };
  const isReplay = ({ headers }: Response) => headers['idempotency-replayed'] === 'true';
  const code = ({ status, body }: Response) => `${status} ${body.type?.split(':').at(-1)}`;
  /** What has to be the same when an answer comes again. */
  const told = ({ status, text, headers }: Response) => [
    status,
    text,
    headers.etag,
    headers.location,
    headers['x-change-id'],
    headers['content-type'],
  ];
  /** A session that takes a key, and holds it until it is told how to end. */
  async function holder(key: string) {
    const client = new pg.Client({ connectionString: register.databaseUrl });
    await client.connect();
    await client.query('BEGIN');
    await client.query(`SELECT claim_idempotency_key('user:0', 'POST /books', $1, '')`, [key]);
    return async (how: 'ROLLBACK' | 'COMMIT') => {
      await client.query(how);
      await client.end();
    };
  }

  it('is done once, and answered again as it was, byte for byte', async () => {
    const first = await add('k-1');
    const again = await add('k-1');
    assert.deepEqual([first.status, isReplay(first), isReplay(again)], [201, false, true]);
    assert.deepEqual(told(again), told(first));
    assert.notEqual(again.headers['x-request-id'], first.headers['x-request-id']);
    assert.equal(await count('book'), 1);
    await register.host.events.deliverDue();
    assert.deepEqual(heard, ['Emma']);
    const without = await register.as('engineer').post('/books', { title: 'Emma' });
    assert.equal(code(without), '409 title-taken');
  });

  it('is answered as it was though the record has changed or gone since', async () => {
    const first = await add('k-1');
    await register.as('engineer').delete(`/books/${first.body.id}`);
    assert.deepEqual(told(await add('k-1')), told(first));
    assert.equal(await count('book'), 0);
  });

  it('may be a list', async () => {
    const list = [{ title: 'a' }, { title: 'a' }, { title: 'b' }];
    const first = await add('k-1', list, '?mode=partial');
    const again = await add('k-1', list, '?mode=partial');
    assert.deepEqual([first.status, isReplay(again), await count('book')], [207, true, 2]);
    assert.deepEqual(told(again), told(first));
    assert.equal(code(await add('k-2', list)), '409 title-taken');
    assert.equal((await add('k-2', [{ title: 'c' }])).status, 201);
  });

  it('may have an answer without a body', async () => {
    const body = { sql: `INSERT INTO book (title) VALUES ('a')` };
    const answers = [await send('k-1', '/sql', body), await send('k-1', '/sql', body)];
    assert.deepEqual(
      answers.map(({ status, text }) => [status, text]),
      [
        [204, ''],
        [204, ''],
      ],
    );
    assert.equal(await count('book'), 1);
  });

  it('is refused where the key came with another request', async () => {
    await add('k-1');
    for (const response of [
      await add('k-1', { title: 'Persuasion' }),
      await add('k-1', { title: 'Emma' }, '?dryRun=false'),
      await add('k-1', [{ title: 'Emma' }]),
    ]) {
      assert.equal(code(response), '422 idempotency-key-reused');
      assert.equal(
        response.body.detail,
        'The Idempotency-Key "k-1" was sent with another POST /books within a day; repeat that very request, or choose a new key.',
      );
    }
    assert.equal(await count('book'), 1);
  });

  it('shares its key with no other route and nobody else', async () => {
    await add('k-1');
    assert.equal((await send('k-1', '/sql', { sql: 'SELECT 1' })).status, 204);
    const token = createIssueToken(register.tokenKey)('seven', {}, 60);
    const other = await register
      .withToken(token)
      .post('/books', { title: 'Emma' }, { 'Idempotency-Key': 'k-1' });
    assert.equal(code(other), '409 title-taken');
    const viewer = await register
      .as('viewer')
      .post('/books', { title: 'Emma' }, { 'Idempotency-Key': 'k-1' });
    assert.equal(code(viewer), '403 forbidden');
  });

  for (const key of ['', 'two words', 'x'.repeat(256), 'clé']) {
    it(`is refused where the key is "${key.slice(0, 10)}"`, async () => {
      const response = await add(key);
      assert.equal(code(response), '422 invalid');
      assert.equal(response.body.errors[0].path, 'header.Idempotency-Key');
      assert.match(response.body.detail, /1 to 255 visible ASCII characters/);
      assert.equal(await count('book'), 0);
    });
  }

  it('that failed leaves its key to be used again, for the same request or another', async () => {
    await register.as('engineer').post('/books', { title: 'Emma' });
    assert.equal(code(await add('k-1')), '409 title-taken');
    assert.equal(code(await add('k-1', { titel: 'Emma' })), '422 invalid');
    assert.equal(await count('idempotency_key'), 0);
    const mended = await add('k-1', { title: 'Persuasion' });
    assert.deepEqual([mended.status, isReplay(mended)], [201, false]);
  });

  it('as a dry run neither keeps its key nor looks at it', async () => {
    const tried = await add('k-1', { title: 'Emma' }, '?dryRun=true');
    assert.deepEqual([tried.status, await count('idempotency_key')], [200, 0]);
    await add('k-1');
    const again = await add('k-1', { title: 'Persuasion' }, '?dryRun=true');
    assert.deepEqual([again.status, isReplay(again)], [200, false]);
  });

  it('sent several times at once is done once, and all get that answer', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => add('k-1')));
    assert.equal(answers.filter(isReplay).length, 5);
    assert.equal(new Set(answers.map((each) => JSON.stringify(told(each)))).size, 1);
    assert.deepEqual([answers[0]?.status, await count('book')], [201, 1]);
  });

  it('waits for the one before it, and is done where that one failed', async () => {
    const end = await holder('k-1');
    const waiting = add('k-1');
    await sleep(100);
    assert.equal(await count('book'), 0);
    await end('ROLLBACK');
    const { status, headers } = await waiting;
    assert.deepEqual([status, headers['idempotency-replayed']], [201, undefined]);
  });

  it('waits no longer than for any lock, and says when to try again', async () => {
    const end = await holder('k-1');
    const { status, headers } = await add('k-1');
    assert.deepEqual([status, headers['retry-after']], [503, '2']);
    await end('ROLLBACK');
  });

  it('whose transaction is killed leaves neither its writes nor its key', async () => {
    const sql = `WITH made AS (INSERT INTO book (title) VALUES ('a')) SELECT pg_sleep(10)`;
    const dying = send('k-1', '/sql', { sql });
    const kill = `SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'WITH made%' AND pid <> pg_backend_pid()`;
    while ((await register.db.query(kill)).length === 0) await sleep(20);
    assert.equal((await dying).status, 503);
    assert.deepEqual([await count('book'), await count('idempotency_key')], [0, 0]);
    assert.equal((await send('k-1', '/sql', { sql: sql.replace('10', '0') })).status, 204);
    assert.equal(await count('book'), 1);
  });

  it('is run again as a whole where PostgreSQL asks for it', async () => {
    const sql = `INSERT INTO book (title) SELECT 'try ' || stumble()`;
    assert.equal((await send('k-1', '/sql', { sql })).status, 204);
    assert.ok(isReplay(await send('k-1', '/sql', { sql })));
    assert.deepEqual([await count('book'), await count('idempotency_key')], [1, 1]);
  });

  it('is a new one after a day, when its key is gone, or as good as gone', async () => {
    const first = await add('k-1');
    await register.as('engineer').delete(`/books/${first.body.id}`);
    const age = (hours: number) =>
      register.db.query(`UPDATE idempotency_key SET created_at = now() - make_interval(hours => ${hours})`);
    await age(23);
    assert.ok(isReplay(await add('k-1')));
    assert.equal(await purgeIdempotencyKeys(register.db.query), 0);
    await age(25);
    const anew = await add('k-1');
    assert.deepEqual([anew.status, isReplay(anew), isReplay(await add('k-1'))], [201, false, true]);
    await age(25);
    await register.runJob('kernel.purge-idempotency-keys');
    assert.equal(await count('idempotency_key'), 0);
  });

  it('is up to the handler on a route that keeps its keys itself', async () => {
    const first = await send('k-1', '/own', {});
    const again = await send('k-1', '/own', {});
    assert.deepEqual([isReplay(first), isReplay(again)], [false, true]);
    assert.equal(again.headers['x-change-id'], firstChange);
    assert.notEqual(first.headers['x-change-id'], firstChange);
    const [{ hash, ...key }, other] = seen as [IdempotencyKey, IdempotencyKey];
    assert.deepEqual(key, { principal: 'user:0', route: 'POST /own', key: 'k-1' });
    assert.deepEqual([hash.length, hash.equals(other.hash)], [32, true]);
    assert.equal(code(await send('no key', '/own', {})), '422 invalid');
    await send('k-1', '/own?dryRun=true', {});
    await register.as('engineer').post('/own', {});
    assert.deepEqual(seen.slice(2), [undefined, undefined]);
    assert.equal(await count('idempotency_key'), 0);
  });

  it('is like any other where the route has no keys', async () => {
    const answers = [await send('k 1', '/unkept', {}), await send('k 1', '/unkept', {})];
    assert.deepEqual(
      answers.map(({ body }) => body.n),
      [1, 2],
    );
  });
});
