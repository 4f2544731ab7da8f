import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { allocation } from '../index.ts';
import { Random } from './random.ts';

type Json = unknown;

const texts = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'a'.repeat(5000),
  '10.0.0.0/24',
  '10.0.0.5/24',
  '010.0.0.1',
  '10.0.0.77',
  '::ffff:1.2.3.4',
  'fe80::1%eth0',
  '2001:db8::/64',
  '::/0',
  '0.0.0.0/0',
  'ünïcödé ☃ 𝒳',
  '\ud800',
  'x\u0000y',
  '\u202e',
  "'; DROP TABLE subnet; --",
  '$1',
  '{{x}}',
  '<b>',
  'active',
  'free',
  'assigned',
  'admin',
  '2999-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '99999-01-01T00:00:00Z',
  '275760-09-13T00:00:00.001Z',
  'first',
  'best-fit',
  'global',
  'a@b.example',
  '00:11:22:33:44:55',
];
const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  24,
  33,
  128,
  129,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  1e308,
  -1e308,
  5e-324,
];
const keys = [
  'cidr',
  'vrf',
  'vrfId',
  'name',
  'status',
  'tags',
  'metadata',
  'description',
  'address',
  'addresses',
  'hostname',
  'mac',
  'role',
  'count',
  'strategy',
  'expiresAt',
  'ttl',
  'prefixLength',
  'prefixLengths',
  'subnetIds',
  'allowNetworkAndBroadcast',
  'email',
  'password',
  'rd',
  'active',
  'refreshToken',
  'currentPassword',
  'newPassword',
  '__proto__',
  'constructor',
  'toString',
  '',
  'x\u0000',
  '\udfff',
];

function anything(random: Random, depth = 0): Json {
  const kind = random.int(0, depth > 3 ? 4 : 6);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind <= 2) return random.pick(texts);
  if (kind <= 4) return random.chance(0.5) ? random.pick(numbers) : random.int(-10, 3000);
  const length = random.int(0, 4);
  if (kind === 5) return Array.from({ length }, () => anything(random, depth + 1));
  return Object.fromEntries(Array.from({ length }, () => [random.pick(keys), anything(random, depth + 1)]));
}

/** A valid body with some of its fields made anything, dropped or doubled. */
function mutated(random: Random, body: Record<string, unknown>): Json {
  const entries = Object.entries(body).flatMap(([key, value]) => {
    if (random.chance(0.6)) return [[key, value]];
    return random.chance(0.3) ? [] : [[key, anything(random, 1)]];
  });
  if (random.chance(0.3)) entries.push([random.pick(keys), anything(random, 1)]);
  return Object.fromEntries(entries);
}

function bodyText(random: Random, valid: Record<string, unknown>): string {
  const depth = random.int(50, 3000);
  if (random.chance(0.02)) return '['.repeat(depth) + ']'.repeat(depth);
  if (random.chance(0.02)) return `{"metadata":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
  if (random.chance(0.02)) return JSON.stringify(valid).slice(0, random.int(0, 20));
  if (random.chance(0.02)) return `{"count":1e999,"prefixLength":${'9'.repeat(400)}}`;
  if (random.chance(0.05))
    return JSON.stringify(Array.from({ length: random.int(0, 30) }, () => mutated(random, valid)));
  return JSON.stringify(random.chance(0.35) ? anything(random) : mutated(random, valid)) ?? 'null';
}

/** Every route that takes a body, with a body it takes; ids of a few records that may be there. */
function routes(random: Random): [method: string, path: string, valid: Record<string, unknown>][] {
  const id = random.int(1, 40);
  const cidr = `10.0.${random.int(0, 3)}.0/${random.int(22, 30)}`;
  const label = { description: 'd', tags: ['a', 'b'], metadata: { a: { b: [1, null] } } };
  const address = `10.0.0.${random.int(0, 255)}`;
  const user = {
    email: `u${random.int(0, 999_999)}@example.net`,
    name: 'U',
    role: 'viewer',
    password: 'short',
    active: true,
  };
  return [
    ['POST', '/vrfs', { name: `v${random.int(0, 9999)}`, rd: `1:${random.int(0, 9999)}`, ...label }],
    ['PATCH', `/vrfs/${random.int(1, 9)}`, { name: 'w', rd: null, ...label }],
    [
      'POST',
      '/subnets',
      { cidr, vrf: 'global', name: 'n', status: 'active', allowNetworkAndBroadcast: false, ...label },
    ],
    ['PATCH', `/subnets/${id}`, { name: 'n', status: 'container', allowNetworkAndBroadcast: true, ...label }],
    [
      'POST',
      '/addresses',
      {
        address,
        status: 'assigned',
        hostname: 'h',
        mac: '001122334455',
        role: 'vip',
        expiresAt: '2999-01-01T00:00:00Z',
        ...label,
      },
    ],
    [
      'PATCH',
      `/addresses/${id}`,
      { status: 'reserved', hostname: null, mac: null, role: null, expiresAt: null, ...label },
    ],
    [
      'POST',
      `/subnets/${id}/allocations`,
      { count: 2, strategy: 'first', status: 'reserved', hostname: 'h', ttl: 5, ...label },
    ],
    ['POST', `/subnets/${id}/allocations`, { address, expiresAt: '2999-01-01T00:00:00Z' }],
    [
      'POST',
      `/subnets/${id}/subnet-allocations`,
      { prefixLength: 28, count: 1, strategy: 'best-fit', name: 'n', status: 'active', ...label },
    ],
    [
      'POST',
      `/subnets/${id}/split`,
      { prefixLength: random.int(24, 30), name: 'n', status: 'active', tags: ['a'] },
    ],
    ['POST', `/subnets/${id}/split`, { prefixLengths: [random.int(24, 30), 28], name: null }],
    ['POST', `/subnets/${id}/merge`, { subnetIds: [random.int(1, 40), random.int(1, 40)] }],
    ['POST', `/subnets/${id}/resize`, { cidr }],
    ['POST', `/subnets/${id}/renumber`, { cidr }],
    ['POST', '/addresses/release', { addresses: [id, address], vrf: 'global' }],
    ['POST', `/addresses/${id}/release`, {}],
    ['POST', '/users', user],
    ['PATCH', `/users/${random.int(1, 9)}`, { name: 'U', role: 'viewer', active: true }],
    // A password of the right type would cost a hash each time.
    ['POST', '/auth/login', { email: 'nobody@example.net', password: 0 }],
    ['POST', '/auth/refresh', { refreshToken: 'x' }],
    ['POST', '/auth/logout', { refreshToken: 'x' }],
    ['POST', '/users/me/password', { currentPassword: 'a', newPassword: 'b' }],
  ];
}

/** Sends `perRoute` bodies to every route; throws on an answer of 500 or more, and on a problem that is not well-formed. */
export async function fuzz(perRoute: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const register = await startTestRegister([users, subnets, allocation]);
  try {
    await register.as('admin').post('/subnets', { cidr: '10.0.0.0/16' });
    for (const nth of routes(random).keys()) {
      for (let n = 0; n < perRoute; n += 8)
        await Promise.all(Array.from({ length: 8 }, () => sendOne(register, random, nth, seed)));
    }
    assert.equal((await register.as('admin').get('/subnets')).status, 200);
  } finally {
    await register.stop();
  }
}

async function sendOne(register: TestRegister, random: Random, nth: number, seed: number): Promise<void> {
  const [method, path, valid] = routes(random)[nth] as ReturnType<typeof routes>[number];
  const body = bodyText(random, valid);
  const call = method === 'POST' ? register.as('admin').post : register.as('admin').patch;
  const response = await call(path, body, { 'Content-Type': 'application/json' });
  const { text } = response;
  const said = `SEED=${seed} ${method} ${path} ${body.slice(0, 500)}\n${response.status} ${text.slice(0, 500)}`;
  assert.ok(response.status < 500, said);
  if (response.status < 400) return;
  assert.match(`${response.headers['content-type']}`, /^application\/problem\+json/, said);
  const problem = JSON.parse(text);
  assert.match(problem.type, /^urn:cadastre:error:[a-z-]+$/, said);
  assert.equal(problem.status, response.status, said);
  for (const member of ['title', 'detail', 'instance', 'requestId'])
    assert.equal(typeof problem[member], 'string', said);
  for (const fault of problem.errors ?? []) {
    assert.deepEqual(Object.keys(fault).sort(), ['code', 'message', 'path'], said);
    for (const part of Object.values(fault)) assert.ok(typeof part === 'string' && part !== '', said);
  }
  assert.doesNotMatch(text, /SELECT |INSERT |UPDATE |\.ts:\d/, said);
}
