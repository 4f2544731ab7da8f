import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { troubles } from './testing/fixtures/troubles.ts';
import { startTestRegister, type TestRegister } from './testing/index.ts';
import { keptLog } from './testing/log.ts';
import { Wire } from './testing/wire.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

/** The problem in an answer that was read off the wire. */
function problemIn(received: string) {
  const [head = '', body = ''] = received.split('\r\n\r\n');
  assert.match(head, /Content-Type: application\/problem\+json/);
  return { ...JSON.parse(body), requestIdInHead: /X-Request-Id: (\S+)/.exec(head)?.[1] };
}

describe('a listening server', () => {
  let register: TestRegister;
  const { log, lines } = keptLog();
  beforeEach(async () => {
    register = await startTestRegister([troubles], { log });
  });
  afterEach(() => register.stop());

  it('keeps a connection alive for the next request', async () => {
    const wire = await Wire.to(register.url);
    wire.send(get('/health/live'));
    await wire.until(/"live"/);
    assert.match(wire.received, /Connection: keep-alive/);
    wire.received = '';
    wire.send(get('/health/live'));
    await wire.until(/"live"/);
    wire.end();
  });

  it('answers 431 to headers too large', async () => {
    const wire = await Wire.to(register.url);
    wire.send(`GET / HTTP/1.1\r\nHost: test\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    await wire.closed;
    const { type, status, requestId, requestIdInHead } = problemIn(wire.received);
    assert.deepEqual([type, status], ['urn:cadastre:error:headers-too-large', 431]);
    assert.equal(requestId, requestIdInHead);
    const line = lines.find((each) => each.requestId === requestId);
    assert.deepEqual([line?.status, line?.problem], [431, 'headers-too-large']);
  });

  it('answers 400 to what is not HTTP', async () => {
    const wire = await Wire.to(register.url);
    wire.send('\u0016\u0003\u0001 hello\r\n\r\n');
    await wire.closed;
    assert.deepEqual(problemIn(wire.received).status, 400);
  });

  it('survives a client that goes away in the middle', async () => {
    const wire = await Wire.to(register.url);
    wire.send(get('/api/v1/troubles/slow'));
    await sleep(100);
    wire.end();
    await sleep(600);
    const line = lines.findLast(({ route }) => route === '/troubles/slow');
    assert.equal(line?.aborted, true);
    assert.equal((await fetch(`${register.url}/health/live`)).status, 200);
  });
});

describe('a server that is told to stop', () => {
  it('lets the request under way finish, drops idle connections and takes no new ones', async () => {
    const register = await startTestRegister([troubles]);
    const [busy, idle] = await Promise.all([Wire.to(register.url), Wire.to(register.url)]);
    idle.send(get('/health/live'));
    await idle.until(/"live"/);
    busy.send(get('/api/v1/troubles/slow'));
    await sleep(100);
    const stopped = register.stop();
    await idle.closed;
    assert.doesNotMatch(busy.received, /HTTP/);
    await assert.rejects(Wire.to(register.url), { code: 'ECONNREFUSED' });
    await busy.closed;
    assert.match(busy.received, /200 OK.*\{"ok":true\}/s);
    await stopped;
  });
});
