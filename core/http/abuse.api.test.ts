import assert from 'node:assert/strict';
import { books } from '../testing/fixtures/books.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { Wire } from '../testing/wire.ts';

/** The answers that were read off the wire: status, headers as text, and the body where it is JSON. */
function answersIn(received: string) {
  return received.split(/(?=HTTP\/1\.1 )/).map((answer) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: JSON.parse(body || 'null') };
  });
}

const megabyte = 1_048_576;

describe('a client that means harm', () => {
  let register: TestRegister;
  let token: string;
  before(async () => {
    register = await startTestRegister([books], { patience: { headers: 300, request: 600, look: 50 } });
    token = await tokenOf(register);
  });
  after(() => register.stop());

  // Whatever was sent: others are served as ever.
  afterEach(async () => {
    assert.equal((await register.as('viewer').get('/books')).status, 200);
  });

  /** The first line and headers of a POST to /books, with these further headers. */
  const post = (...headers: string[]) =>
    `${['POST /api/v1/books HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`, 'Content-Type: application/json', ...headers].join('\r\n')}\r\n\r\n`;

  /** Sends text as it is, and answers what comes back until `done`, or until the server hangs up. */
  async function exchange(text: string, done?: RegExp) {
    const wire = await Wire.to(register.url);
    wire.send(text);
    await (done ? wire.until(done) : wire.closed);
    wire.end();
    return answersIn(wire.received);
  }

  /** The one answer, which has to be a problem of this status with the headers of every answer. */
  function problem(answers: ReturnType<typeof answersIn>, status: number, code: string): string {
    assert.equal(answers.length, 1);
    const [{ head, body }] = answers as [(typeof answers)[number]];
    assert.deepEqual([body.status, body.type], [status, `urn:cadastre:error:${code}`]);
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(head, /content-type: application\/problem\+json/i);
    assert.match(head, /x-content-type-options: nosniff/i);
    assert.match(head, /content-security-policy: default-src 'none'/i);
    assert.match(head, /x-request-id: \S+/i);
    return body.detail;
  }

  it('who announces 10 MB is refused before any of it is read', async () => {
    const answers = await exchange(
      `${post(`Content-Length: ${10 * megabyte}`)}{"title":"`,
      /too-large.*\}$/s,
    );
    assert.match(problem(answers, 413, 'too-large'), /larger than 1048576 bytes/);
  });

  it('who sends 10 MB all the same gets the same answer, and one who never ends is cut off', async () => {
    // Patient enough for a megabyte on a busy machine.
    const { url, stop } = await startTestRegister([books], { tokenKey: register.tokenKey });
    try {
      const whole = await fetch(`${url}/api/v1/books`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: `{"title":"${'x'.repeat(10 * megabyte)}"}`,
      });
      assert.equal(whole.status, 413);
      const wire = await Wire.to(url);
      wire.send(post('Transfer-Encoding: chunked'));
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const sending = setInterval(() => wire.send(chunk), 20);
      try {
        await wire.until(/too-large.*\}$/s);
        problem(answersIn(wire.received), 413, 'too-large');
        await wire.closed;
      } finally {
        clearInterval(sending);
      }
    } finally {
      await stop();
    }
  });

  it('who sends a body drop by drop is answered 408', async () => {
    const wire = await Wire.to(register.url);
    wire.send(`${post('Content-Length: 1000')}{"title":"`);
    const drops = setInterval(() => wire.send('x'), 20);
    await wire.closed;
    clearInterval(drops);
    problem(answersIn(wire.received), 408, 'timeout');
  });

  it('who sends headers drop by drop is answered 408, however many do', async () => {
    const wires = await Promise.all(Array.from({ length: 100 }, () => Wire.to(register.url)));
    for (const wire of wires) wire.send('GET / HTTP/1.1\r\nHost: x\r\n');
    const drops = setInterval(() => {
      for (const wire of wires) wire.send('X-A: b\r\n');
    }, 20);
    assert.equal((await register.as('viewer').get('/books')).status, 200);
    await Promise.all(wires.map((wire) => wire.closed));
    clearInterval(drops);
    for (const { received } of wires) problem(answersIn(received), 408, 'timeout');
  });

  it('who opens a connection and says nothing is cut off', async () => {
    const wire = await Wire.to(register.url);
    await wire.closed;
  });

  it('who nests JSON 10,000 deep is refused, however it is dressed', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    for (const body of [deep, `{"title":${deep}}`, '['.repeat(500_000), `{"a":`.repeat(100_000)]) {
      const answers = await exchange(`${post(`Content-Length: ${body.length}`)}${body}`, /\}$/s);
      assert.match(problem(answers, 400, 'not-parseable'), /deeper than 64 levels/);
    }
  });

  it('who sends many headers, or large ones, or a long address, is answered 431', async () => {
    const get = (path: string, headers: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
    for (const flood of [
      get('/', 'X-A: b\r\n'.repeat(200)),
      get('/', 'a:\r\n'.repeat(3_000)),
      get('/', 'X-A: b\r\n'.repeat(50_000)),
      get('/', `X-Long: ${'x'.repeat(20_000)}\r\n`),
      get(`/api/v1/books?title=${'x'.repeat(20_000)}`, ''),
    ]) {
      const answers = await exchange(flood, /\}$/s);
      problem(answers, 431, 'headers-too-large');
    }
  });

  it('who asks with more parameters than there are is told of some, and costs little', async () => {
    const before = process.cpuUsage();
    const query = Array.from({ length: 1_500 }, (_, nth) => `p${nth}=`).join('&');
    const { status, body } = await register.as('viewer').get(`/books?${query}`);
    assert.deepEqual([status, body.errors.length], [422, 100]);
    const many = Object.fromEntries(Array.from({ length: 90_000 }, (_, nth) => [`k${nth}`, 0]));
    const posted = await register.as('engineer').post('/books', many);
    assert.deepEqual([posted.status, posted.body.errors.length], [422, 100]);
    assert.match(posted.body.detail, /\(and 9\d{4} more\)/);
    // Work in the square of their number would be minutes.
    const { user } = process.cpuUsage(before);
    assert.ok(user < 4_000_000, `${user} µs`);
  });

  it('who talks nonsense in chunks is answered 400', async () => {
    const chunked = post('Transfer-Encoding: chunked');
    for (const nonsense of [
      `${chunked}zz\r\n{}\r\n0\r\n\r\n`,
      `${chunked}-5\r\n{}\r\n`,
      `${chunked}FFFFFFFFFFFFFFFFFF\r\n{}\r\n`,
      `${chunked}2\r\n{}garbage\r\n`,
      `${post('Transfer-Encoding: chunked', 'Content-Length: 2')}{}`,
      `${post('Transfer-Encoding: chunked, identity')}{}`,
      `${post('Content-Length: 2', 'Content-Length: 3')}{} `,
      post('Content-Length: -1'),
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
      'G\u0000T / HTTP/1.1\r\n\r\n',
    ]) {
      problem(await exchange(nonsense, /\}$/s), 400, 'not-parseable');
    }
  });
});

async function tokenOf(register: TestRegister): Promise<string> {
  const { createIssueToken } = await import('../auth/tokens.ts');
  return createIssueToken(register.tokenKey)('test:engineer', { role: 'engineer' }, 900);
}
