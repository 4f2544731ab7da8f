import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { z } from 'zod';
import { builtInPlugins } from '#config/plugins';
import type { Route } from '#core';
import { createIssueToken } from './core/auth/tokens.ts';
import { startTestRegister, type TestRegister } from './core/testing/register.ts';

const injections = [
  "' OR '1'='1",
  "' OR 1=1 --",
  "'; DROP TABLE subnet; --",
  "x' UNION SELECT password_hash FROM app_user --",
  '1; SELECT pg_sleep(5)',
  '1) OR (1=1',
  "') OR pg_sleep(5) IS NULL --",
  '" OR ""="',
  '\\',
  '%',
  '_',
  '$1',
  "{'}",
  '\u02bc OR 1=1',
  '1 OR 1=1',
];
const traversals = [
  ...[
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2f',
    '..%5c..%5c',
    '%252e%252e%252f',
    '..;',
    '.%00.',
    '%00',
    '1%00',
  ],
  ...[
    '%c0%ae%c0%ae%c0%af',
    '%u002e',
    '%',
    '%zz',
    '\u2025%2f'.replace('\u2025', '%e2%80%a5'),
    '%ef%bc%8f..',
    '1%2f..%2f2',
  ],
  ...[
    '1%20',
    '+1',
    '0x1',
    '1e0',
    '-1',
    '1.0',
    '١'.replace('١', '%d9%a1'),
    '99999999999999999999',
    'constructor',
    '__proto__',
  ],
];

describe('an attacker', function () {
  this.timeout(60_000);
  let register: TestRegister;
  let routes: readonly Route[];
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let token: string;

  before(async () => {
    register = await startTestRegister([...builtInPlugins]);
    routes = register.host.registry.routes;
    token = createIssueToken(register.tokenKey)('test:admin', { role: 'admin' }, 900);
    const admin = register.as('admin');
    await admin.post('/subnets', { cidr: '10.0.0.0/16', name: 'top', description: 'one', tags: ['dmz'] });
    await admin.post('/subnets', { cidr: '10.0.1.0/24', name: 'inner', description: 'two' });
    await admin.post('/subnets/2/allocations', { count: 3, hostname: 'web' });
    await admin.post('/devices', [{ name: 'core-1' }, { name: 'core-2', description: 'two' }]);
    await admin.post('/devices/2/interfaces', { name: 'eth0', mac: '001a.2b3c.4d5e' });
    await admin.post('/users', { email: 'ada@example.net', password: 'a long and private sentence' });
    await admin.post('/ranges', { start: '10.0.1.200', end: '10.0.1.209', purpose: 'dhcp' });
    await admin.post('/pools', { name: 'all', members: [2] });
  });
  after(async () => {
    agent.destroy();
    await register.stop();
  });

  /** Sends a path as it is; no client library may tidy it up. */
  function raw(path: string, method = 'GET'): Promise<{ status: number; text: string }> {
    const { hostname, port } = new URL(register.url);
    const headers = { Authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.once('error', reject).end();
    });
  }

  const read = async (path: string) => {
    const began = performance.now();
    const { status, text } = await raw(`/api/v1${path}`);
    const said = `GET ${path}\n${status} ${text.slice(0, 500)}`;
    assert.ok(performance.now() - began < 4_000, `it slept: ${said}`);
    assert.ok(status < 500, said);
    assert.doesNotMatch(text, /\$2[aby]\$|syntax error|pg_catalog/, said);
    return {
      status,
      said,
      items: status === 200 ? (JSON.parse(text).items as unknown[] | undefined) : undefined,
    };
  };

  /** Every list, its path filled in, with its query's schema. */
  const lists = () =>
    routes.flatMap(({ method, path, query }) =>
      method === 'get' && query && 'limit' in query.shape
        ? [{ path: path.replaceAll(/\{\w+\}/g, '2'), query }]
        : [],
    );

  it('who writes SQL into any filter of any list sees no more than the filter lets through, and breaks nothing', async () => {
    let asked = 0;
    for (const { path, query } of lists()) {
      const all = (await read(path)).items?.length ?? 0;
      for (const name of Object.keys(query.shape)) {
        // What differs from nonsense is everything; nothing is the same as it, and nothing holds it.
        const most = name.endsWith('__ne') || /__[lg]te?$/.test(name) ? all : 0;
        const answers = injections.map((text) => read(`${path}?${name}=${encodeURIComponent(text)}`));
        for (const { status, said, items } of await Promise.all(answers)) {
          asked += 1;
          assert.ok(status === 200 || status === 422 || status === 404, said);
          assert.ok((items?.length ?? 0) <= most, said);
        }
      }
    }
    assert.ok(asked > 3_000, `${asked} were asked`);
    assert.equal((await register.as('admin').get('/subnets?count=exact')).body.total, 2);
  });

  it('who writes SQL into q sees no more than the query lets through', async () => {
    const speaking = lists().filter(({ query }) => 'q' in query.shape);
    assert.ok(speaking.length >= 2);
    for (const { path, query } of speaking) {
      const fields = Object.keys(query.shape).filter((name) => !name.includes('__'));
      for (const field of [...fields, 'cidr', "name' OR 1=1 --"]) {
        const queries = injections.flatMap((text) => {
          const quoted = `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
          return [`${field} = ${quoted}`, `${field} contains ${quoted}`, `${field} = ${text}`];
        });
        const answers = queries.map((q) => read(`${path}?q=${encodeURIComponent(q)}`));
        for (const { status, said, items } of await Promise.all(answers)) {
          assert.ok(status === 200 || status === 422, said);
          assert.ok((items?.length ?? 0) === 0, said);
        }
      }
    }
  });

  it('who climbs out of a path, or puts a NUL into it, gets nowhere, on any route', async () => {
    const withParameters = routes.filter(({ path }) => path.includes('{'));
    assert.ok(withParameters.length > 20);
    for (const { method, path } of withParameters) {
      for (const climb of traversals) {
        const filled = path.replaceAll(/\{\w+\}/g, () => climb);
        const { status, text } = await raw(`/api/v1${filled}`, method.toUpperCase());
        const said = `${method} ${filled}\n${status} ${text.slice(0, 300)}`;
        assert.ok([400, 404, 415, 422].includes(status), said);
        assert.match(text, /"type":"urn:cadastre:error:/, said);
        assert.doesNotMatch(text, /root:x|ENOENT|node_modules/, said);
      }
    }
  });

  it('who climbs out of the folders that are served gets nowhere', async () => {
    const climbs = [
      ...traversals,
      '../../../package.json',
      '..%2f..%2f..%2fpackage.json',
      '....//....//package.json',
    ];
    for (const folder of ['/api/docs/assets/', '/api/docs/', '/api/', '/', '/health/', '/metrics/']) {
      for (const climb of climbs) {
        const { status, text } = await raw(`${folder}${climb}`);
        assert.ok([400, 403, 404].includes(status), `${folder}${climb}: ${status}`);
        assert.doesNotMatch(text, /"dependencies"|root:x/);
      }
    }
  });

  it('who sends fields that no body has is told of each, on every route that takes one', async () => {
    const forbidden = {
      passwordHash: 'x',
      createdBy: 'user:1',
      updatedAt: '2026-01-01T00:00:00Z',
      isAdmin: true,
    };
    const taking = routes.filter(({ method, body }) => method !== 'get' && body);
    assert.ok(taking.length > 15);
    for (const { method, path, body, example, each } of taking) {
      const known = (body as z.ZodType).safeParse(example).success ? example : undefined;
      const whole = each ? ((known as object[] | undefined)?.[0] ?? { id: 1 }) : (known ?? {});
      const planted = { ...(whole as object), ...forbidden };
      const filled = path.replaceAll(/\{\w+\}/g, '2');
      const send = register.as('admin')[method as 'post'];
      const answer = await send(filled, each ? [planted] : planted);
      assert.equal(answer.status, 422, `${method} ${path}: ${answer.text.slice(0, 300)}`);
      const told = (answer.body.errors as { path: string; code: string }[]).filter(
        ({ code }) => code === 'unknown-key',
      );
      const names = told.map(({ path: at }) => at.split('.').at(-1)).sort();
      assert.deepEqual(names, Object.keys(forbidden).sort(), `${method} ${path}`);
    }
  });

  it('who puts a primary key into a body changes neither that record nor the key of his own', async () => {
    for (const { method, path, each, params } of routes.filter(({ body }) => body)) {
      if (each || (method !== 'post' && method !== 'patch')) continue;
      const filled = path.replaceAll(/\{\w+\}/g, '2');
      const answer = await register.as('admin')[method](filled, { id: 1, version: 77 });
      assert.equal(answer.status, 422, `${method} ${path}`);
      const told = JSON.stringify(answer.body.errors);
      assert.match(told, /"body\.id"/, `${method} ${path} ${params}: ${told}`);
    }
    const { body } = await register.as('admin').get('/subnets/1');
    assert.deepEqual([body.id, body.cidr, body.version], [1, '10.0.0.0/16', 1]);
  });

  it('who hides a script or a formula in a name finds it kept as text, and sent as nothing else', async () => {
    for (const name of [
      '</script><script>alert(1)</script>',
      '=HYPERLINK("http://x","y")',
      '+1+cmd|calc',
      '@SUM(A1)',
    ]) {
      const { body } = await register.as('engineer').patch('/subnets/2', { name });
      assert.equal(body.name, name);
      const response = await fetch(`${register.url}/api/v1/subnets/2`, {
        headers: { authorization: `Bearer ${token}`, accept: 'text/html' },
      });
      assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(((await response.json()) as { name: string }).name, name);
    }
  });
});
