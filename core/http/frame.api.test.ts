import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIssueToken } from '../auth/tokens.ts';
import { books } from '../testing/fixtures/books.ts';
import { troubles } from '../testing/fixtures/troubles.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { keptLog } from '../testing/log.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('every answer', () => {
  let register: TestRegister;
  const { log, lines } = keptLog();

  before(async () => {
    register = await startTestRegister([books, troubles], { log, corsOrigins: ['https://panel.example'] });
  });
  after(() => register.stop());

  const call = (path: string, init: RequestInit = {}) => fetch(`${register.url}${path}`, init);
  const lastLine = async () => {
    await sleep(20);
    return lines.at(-1) ?? {};
  };

  it('bears the request id that the client gave, where it is sane', async () => {
    const response = await register.as('viewer').get('/books', { 'X-Request-Id': 'run-7:a.b' });
    assert.equal(response.headers['x-request-id'], 'run-7:a.b');
  });

  it('bears an id of our own where the client gave none, or one unfit for a log', async () => {
    for (const given of [undefined, 'a b', 'x'.repeat(65), '{"a":1}', '']) {
      const headers = given === undefined ? undefined : { 'X-Request-Id': given };
      const response = await register.as('viewer').get('/books', headers);
      assert.match(response.headers['x-request-id'] ?? '', uuid, `for ${given}`);
    }
  });

  it('bears the id of the change, where something was written, and only there', async () => {
    const written = await register.as('engineer').post('/books', { title: 'Persuasion' });
    assert.match(written.headers['x-change-id'] ?? '', uuid);
    const read = await register.as('engineer').get('/books');
    assert.equal(read.headers['x-change-id'], undefined);
  });

  it('bears the security headers, an error as well as a success', async () => {
    for (const path of ['/api/v1/books', '/nowhere', '/health/live', '/api/docs']) {
      const { headers } = await call(path);
      assert.match(
        headers.get('content-security-policy') ?? '',
        /default-src 'none'.*frame-ancestors 'none'/,
        path,
      );
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.match(headers.get('strict-transport-security') ?? '', /max-age=\d{8}/);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-xss-protection'), '0');
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
      assert.equal(headers.get('x-powered-by'), null);
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/);
    }
  });

  it('bears the X-XSS-Protection that was configured', async () => {
    const old = await startTestRegister([books], { xssProtection: '1; mode=block' });
    const { headers } = await fetch(`${old.url}/api/v1/books`);
    assert.equal(headers.get('x-xss-protection'), '1; mode=block');
    await old.stop();
  });

  it('tells a browser of an allowed origin that it may read it, and no other', async () => {
    const from = (origin: string) => call('/api/v1/books/oldest', { headers: { Origin: origin } });
    const friend = await from('https://panel.example');
    assert.equal(friend.headers.get('access-control-allow-origin'), 'https://panel.example');
    assert.match(friend.headers.get('access-control-expose-headers') ?? '', /ETag.*X-Change-Id/);
    assert.match(friend.headers.get('vary') ?? '', /Origin/);
    const stranger = await from('https://evil.example');
    assert.equal(stranger.headers.get('access-control-allow-origin'), null);
  });

  it('lets a browser of an allowed origin ask beforehand', async () => {
    const preflight = (origin: string) =>
      call('/api/v1/books', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'PATCH',
          'Access-Control-Request-Headers': 'authorization,if-match',
        },
      });
    const friend = await preflight('https://panel.example');
    assert.equal(friend.status, 204);
    assert.match(friend.headers.get('access-control-allow-methods') ?? '', /PATCH/);
    assert.match(friend.headers.get('access-control-allow-headers') ?? '', /if-match/);
    const stranger = await preflight('https://evil.example');
    assert.equal(stranger.headers.get('access-control-allow-origin'), null);
  });

  it('to OPTIONS says what the path takes', async () => {
    const response = await call('/api/v1/books', { method: 'OPTIONS' });
    assert.deepEqual(
      [response.status, response.headers.get('allow')],
      [204, 'GET, POST, PATCH, HEAD, OPTIONS'],
    );
  });

  it('to HEAD is the one to GET without its body', async () => {
    const got = await call('/api/v1/books/oldest');
    const headed = await call('/api/v1/books/oldest', { method: 'HEAD' });
    assert.equal(headed.status, 200);
    assert.equal(headed.headers.get('content-length'), String((await got.text()).length));
    assert.equal(await headed.text(), '');
    assert.equal((await call('/api/v1/books', { method: 'HEAD' })).status, 401);
  });

  it('leaves one line in the log, with the route and not the query', async () => {
    const before = lines.length;
    await register.as('viewer').get('/books/77?x=secret', { 'X-Request-Id': 'log-1' });
    const line = await lastLine();
    assert.equal(lines.length, before + 1);
    const { time, ms, ...rest } = line;
    assert.deepEqual(rest, {
      level: 30,
      requestId: 'log-1',
      actor: 'user:0',
      method: 'GET',
      route: '/books/{id}',
      status: 422,
      problem: 'invalid',
      msg: 'request',
    });
    assert.equal(typeof ms, 'number');
    assert.match(String(time), /^\d{4}-.*Z$/);
  });

  it('names in the log the path that nobody has', async () => {
    await call('/nowhere/at/all?token=secret');
    const line = await lastLine();
    assert.deepEqual([line.route, line.status], ['/nowhere/at/all', 404]);
    assert.doesNotMatch(JSON.stringify(lines), /secret/);
  });

  it('of our own making is logged with its stack under the request id', async () => {
    await register.anonymous.get('/troubles/crash', { 'X-Request-Id': 'crash-1' });
    await sleep(20);
    const error = lines.find((line) => line.level === 50 && line.requestId === 'crash-1');
    assert.ok(error);
    const { message, stack, ...others } = error.err as Record<string, unknown>;
    assert.equal(message, 'the inside is secret');
    assert.match(String(stack), /troubles\.ts:\d+/);
    assert.deepEqual(others, { type: 'TypeError' });
  });
});

describe('a bearer token', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books]);
  });
  after(() => register.stop());

  const detailFor = async (token: string) => {
    const response = await register.withToken(token).get('/plugins');
    assert.equal(response.status, 401);
    return response.body.detail as string;
  };
  const issue = (subject: string, seconds: number) =>
    createIssueToken(register.tokenKey)(subject, { role: 'admin' }, seconds);

  it('opens what its user may see', async () => {
    assert.equal((await register.withToken(issue('test:someone', 60)).get('/plugins')).status, 200);
  });

  it('that has expired is told apart', async () => {
    assert.match(await detailFor(issue('test:someone', -1)), /has expired: POST \/api\/v1\/auth\/refresh/);
  });

  it('is believed no longer than it lives, however often it is seen', async () => {
    const token = issue('test:someone', 1);
    assert.equal((await register.withToken(token).get('/plugins')).status, 200);
    await sleep(1_100);
    assert.match(await detailFor(token), /has expired/);
  });

  it('of another key, without signature, or of no form at all is refused', async () => {
    const foreign = createIssueToken(createSecretKey(randomBytes(32)))('test:someone', { role: 'admin' }, 60);
    const [, payload] = issue('test:someone', 60).split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
    for (const token of [foreign, unsigned, 'nonsense']) {
      assert.match(await detailFor(token), /is not valid/);
    }
  });

  it('of a user whom nobody knows is refused', async () => {
    assert.match(await detailFor(issue('ghost', 60)), /may not sign in any more/);
  });

  it('must come as Bearer', async () => {
    const response = await register.anonymous.get('/plugins', { Authorization: 'Basic YTpi' });
    assert.match(response.body.detail, /must read: Bearer/);
  });
});
