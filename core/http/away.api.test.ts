import assert from 'node:assert/strict';
import pg from 'pg';
import { books } from '../testing/fixtures/books.ts';
import { troubles } from '../testing/fixtures/troubles.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';

describe('while the database is away or busy', () => {
  let register: TestRegister;
  let superuser: pg.Client;
  let database: string;

  beforeEach(async () => {
    register = await startTestRegister([books, troubles], {
      database: { statementTimeout: 300, lockTimeout: 150, poolSize: 4 },
    });
    const url = new URL(register.databaseUrl);
    database = url.pathname.slice(1);
    url.pathname = '/postgres';
    superuser = new pg.Client({ connectionString: url.href });
    await superuser.connect();
  });
  afterEach(async () => {
    await superuser.end();
    await register.stop();
  });

  const killConnections = () =>
    superuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database]);
  const allowConnections = (allowed: boolean) =>
    superuser.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS ${allowed}`);
  const ask = () => register.anonymous.get('/troubles/database');
  const ready = () => fetch(`${register.url}/health/ready`);

  it('answers 503 with Retry-After, and serves again by itself once it is back', async () => {
    assert.equal((await ask()).status, 200);
    await allowConnections(false);
    await killConnections();
    const answers = await Promise.all([ask(), ask(), ask(), ask(), ask(), ask()]);
    for (const { status, headers, body } of answers) {
      assert.deepEqual([status, body.type], [503, 'urn:cadastre:error:unavailable']);
      assert.ok(Number(headers['retry-after']) > 0);
    }
    const write = await register.as('engineer').post('/books', { title: 'Emma' });
    assert.equal(write.status, 503);
    assert.equal((await ready()).status, 503);
    assert.equal((await fetch(`${register.url}/health/live`)).status, 200);
    await allowConnections(true);
    assert.equal((await ask()).status, 200);
    assert.equal((await ready()).status, 200);
    assert.equal((await register.as('engineer').post('/books', { title: 'Emma' })).status, 201);
  });

  it('answers 503, not 500, where the connection breaks under a request', async () => {
    const waiting = register.anonymous.get('/troubles/endless-statement');
    await new Promise((wake) => setTimeout(wake, 100));
    await killConnections();
    assert.equal((await waiting).status, 503);
    assert.equal((await ask()).status, 200);
  });

  it('notices a connection that broke while nobody used it', async () => {
    await Promise.all([ask(), ask(), ask()]);
    await killConnections();
    await new Promise((wake) => setTimeout(wake, 50));
    for (let i = 0; i < 5; i += 1) assert.equal((await ask()).status, 200);
  });

  it('answers 503 where a statement takes too long', async () => {
    const { status, body, headers } = await register.anonymous.get('/troubles/endless-statement');
    assert.deepEqual([status, body.detail], [503, 'The database took too long to answer.']);
    assert.ok(headers['retry-after']);
  });

  it('answers 503 where somebody else holds the record for too long', async () => {
    const engineer = register.as('engineer');
    const { id } = (await engineer.post('/books', { title: 'Emma' })).body;
    const holder = new pg.Client({ connectionString: register.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN; SELECT 1 FROM book FOR UPDATE');
    const { status, body, headers } = await engineer.patch(`/books/${id}`, { title: 'Emma II' });
    assert.deepEqual(
      [status, body.detail],
      [503, 'Others are changing the same records; try again shortly.'],
    );
    assert.ok(headers['retry-after']);
    await holder.query('ROLLBACK');
    await holder.end();
    assert.equal((await engineer.patch(`/books/${id}`, { title: 'Emma II' })).status, 200);
  });
});
