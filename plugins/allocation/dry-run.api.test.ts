import assert from 'node:assert/strict';
import { type Desk, openDesk } from './testing/desk.ts';
import { dump } from './testing/dump.ts';

type Method = 'post' | 'patch' | 'delete';
interface Ids {
  [name: string]: number;
}
type Case = [route: `${Method} /${string}`, path: (ids: Ids) => string, body?: (ids: Ids) => unknown];

const cases: Case[] = [
  ['post /vrfs', () => '/vrfs', () => ({ name: 'red' })],
  ['post /vrfs', () => '/vrfs', () => [{ name: 'red' }, { name: 'green' }]],
  ['patch /vrfs/{id}', ({ blue }) => `/vrfs/${blue}`, () => ({ name: 'azure' })],
  ['patch /vrfs', () => '/vrfs', ({ blue }) => [{ id: blue, description: 'sea' }]],
  ['delete /vrfs/{id}', ({ blue }) => `/vrfs/${blue}`],
  ['post /subnets', () => '/subnets', () => ({ cidr: '10.0.0.0/25', gateway: '10.0.0.3' })],
  ['post /subnets', () => '/subnets', () => [{ cidr: '10.0.0.0/25' }, { cidr: '10.0.0.0/26' }]],
  ['post /subnets', () => '/subnets?mode=partial', () => [{ cidr: '10.0.0.0/25' }, { cidr: '10.0.0.0/25' }]],
  ['patch /subnets/{id}', ({ low }) => `/subnets/${low}`, () => ({ gateway: null, status: 'container' })],
  ['patch /subnets', () => '/subnets', ({ low, high }) => [low, high].map((id) => ({ id, name: 'n' }))],
  ['delete /subnets/{id}', ({ low }) => `/subnets/${low}?cascade=rehome`],
  ['delete /subnets/{id}', ({ top }) => `/subnets/${top}?cascade=delete`],
  [
    'post /subnets/{id}/split',
    ({ low }) => `/subnets/${low}/split`,
    () => ({ prefixLength: 26, name: 'part' }),
  ],
  ['post /subnets/{id}/merge', ({ low }) => `/subnets/${low}/merge`, ({ high }) => ({ subnetIds: [high] })],
  ['post /subnets/{id}/resize', ({ low }) => `/subnets/${low}/resize`, () => ({ cidr: '10.0.0.0/23' })],
  ['post /subnets/{id}/renumber', ({ low }) => `/subnets/${low}/renumber`, () => ({ cidr: '10.0.9.0/24' })],
  [
    'post /subnets/{id}/allocations',
    ({ low }) => `/subnets/${low}/allocations`,
    () => ({ count: 3, ttl: 60 }),
  ],
  [
    'post /subnets/{id}/allocations',
    ({ low }) => `/subnets/${low}/allocations`,
    () => ({ address: '10.0.0.77' }),
  ],
  [
    'post /subnets/{id}/allocations',
    ({ low }) => `/subnets/${low}/allocations`,
    () => [{}, { strategy: 'last' }],
  ],
  [
    'post /subnets/{id}/allocations',
    ({ low }) => `/subnets/${low}/allocations`,
    () => ({ strategy: 'sparse' }),
  ],
  [
    'post /subnets/{id}/subnet-allocations',
    ({ top }) => `/subnets/${top}/subnet-allocations`,
    () => ({ prefixLength: 24, count: 2 }),
  ],
  ['post /addresses', () => '/addresses', () => ({ address: '10.0.0.77', hostname: 'new' })],
  ['post /addresses', () => '/addresses', () => [{ address: '10.0.0.77' }, { address: '10.0.0.78' }]],
  ['patch /addresses/{id}', ({ web }) => `/addresses/${web}`, () => ({ status: 'quarantined' })],
  ['patch /addresses', () => '/addresses', ({ web }) => [{ id: web, hostname: 'www' }]],
  ['delete /addresses/{id}', ({ web }) => `/addresses/${web}`],
  ['patch /addresses/{id}', ({ web }) => `/addresses/${web}`, () => ({ device: 'router' })],
  [
    'post /addresses/{id}/assignments',
    ({ web }) => `/addresses/${web}/assignments`,
    () => ({ device: 'router' }),
  ],
  [
    'post /addresses/{id}/assignments',
    ({ vip }) => `/addresses/${vip}/assignments`,
    () => ({ device: 'spare' }),
  ],
  [
    'delete /addresses/{id}/assignments/{assignmentId}',
    ({ vip, shared }) => `/addresses/${vip}/assignments/${shared}`,
  ],
  ['delete /devices/{id}', ({ router }) => `/devices/${router}?addresses=release`],
  ['delete /devices/{id}', ({ router }) => `/devices/${router}?addresses=keep`],
  ['post /addresses/{id}/release', ({ web }) => `/addresses/${web}/release`],
  ['post /addresses/release', () => '/addresses/release', ({ web }) => ({ addresses: [web, '10.0.0.11'] })],
  ['post /ranges', () => '/ranges', () => ({ start: '10.0.0.8', end: '10.0.0.20', purpose: 'reserved' })],
  [
    'patch /ranges/{id}',
    ({ range }) => `/ranges/${range}`,
    () => ({ end: '10.0.0.240', countAsUsed: false }),
  ],
  ['delete /ranges/{id}', ({ range }) => `/ranges/${range}`],
  ['post /pools', () => '/pools', ({ low }) => ({ name: 'one', members: [low] })],
  ['patch /pools/{id}', ({ pool }) => `/pools/${pool}`, ({ low }) => ({ members: [low] })],
  ['delete /pools/{id}', ({ pool }) => `/pools/${pool}`],
  ['post /pools/{id}/allocations', ({ pool }) => `/pools/${pool}/allocations`, () => ({ count: 2 })],
  [
    'post /pools/{id}/subnet-allocations',
    ({ pool }) => `/pools/${pool}/subnet-allocations`,
    () => ({ prefixLength: 28 }),
  ],
];

/** An answer without what no dry run can know: the ids that new rows get, and the moment. What is not made is 200, and not 201. */
function foreseeable(answer: unknown): unknown {
  const unknowable =
    /^(id|subnetId|parentId|createdAt|updatedAt|expiresAt|availableAt|asOf|requestId|instance)$/;
  return JSON.parse(JSON.stringify(answer ?? null), (key, value) => {
    if (unknowable.test(key)) return undefined;
    return key === 'status' && value === 201 ? 200 : value;
  });
}

describe('?dryRun=true changes no row, and answers what the request without it then does, in one transaction:', () => {
  let desk: Desk;
  let ids: Ids;
  before(async () => {
    desk = await openDesk({ env: { CADASTRE_ALLOCATION_COOLDOWN_SECONDS: '60' } });
  });
  after(() => desk.register.stop());
  beforeEach(async () => {
    const engineer = desk.engineer();
    ids = {
      blue: (await engineer.post('/vrfs', { name: 'blue' })).body.id,
      top: await desk.make('10.0.0.0/16', { status: 'container' }),
      low: await desk.make('10.0.0.0/24', { gateway: '10.0.0.1' }),
      high: await desk.make('10.0.1.0/24'),
      web: await desk.hold('10.0.0.10', { hostname: 'web' }),
    };
    for (const host of [11, 12, 130]) await desk.hold(`10.0.0.${host}`);
    await desk.release('10.0.0.12');
    const range = { start: '10.0.0.200', end: '10.0.0.209', purpose: 'dhcp' };
    ids.router = (await engineer.post('/devices', { name: 'router' })).body.id;
    await engineer.post('/devices', { name: 'spare' });
    ids.vip = await desk.hold('10.0.0.14', { role: 'vip' });
    await desk.hold('10.0.0.15', { device: 'router' });
    const further = await engineer.post(`/addresses/${ids.vip}/assignments`, { device: 'router' });
    ids.shared = further.body.id;
    ids.range = (await engineer.post('/ranges', range)).body.id;
    ids.pool = (await engineer.post('/pools', { name: 'all', members: [ids.high, ids.low] })).body.id;
  });
  afterEach(() => desk.clear());

  it('on every path that writes to the address space, all of them below', () => {
    const ours = /^\/(vrfs|subnets|addresses|ranges|pools)\b/;
    const routes = desk.register.host.registry.routes.filter(({ path }) => ours.test(path));
    const writes = routes.filter(({ method }) => method !== 'get');
    const without = writes.filter(({ dryRun }) => !dryRun);
    assert.deepEqual(without, []);
    const tried = new Set(cases.map(([route]) => route));
    const taking = writes.filter(({ dryRun }) => dryRun).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(
      taking.filter((each) => !tried.has(each as Case[0])),
      [],
    );
  });

  for (const [route, path, body] of cases) {
    const [method] = route.split(' ') as [Method];
    const names: Ids = Object.fromEntries(
      ['blue', 'top', 'low', 'high', 'web', 'range', 'pool', 'vip', 'shared', 'router'].map((each) => [
        each,
        1,
      ]),
    );
    const shown = body ? JSON.stringify(body(names)) : '';
    it(`${route} ${shown}`, async () => {
      const admin = desk.register.as('admin');
      const { query } = desk.register.db;
      const [to, sent] = [path(ids), body?.(ids) as object];
      const headers: Record<string, string> = method === 'post' ? { 'Idempotency-Key': 'k1' } : {};
      const before = await dump(query);
      const dry = await admin[method](`${to}${to.includes('?') ? '&' : '?'}dryRun=true`, sent, headers);
      assert.deepEqual(await dump(query), before);
      assert.equal(dry.headers['x-change-id'], undefined);

      const [began] = await query<{ at: string }>('SELECT clock_timestamp() AS at');
      const real = await admin[method](to, sent, headers);
      assert.ok(real.status < 300, JSON.stringify(real.body));
      assert.equal(dry.status, real.status === 201 ? 200 : real.status);
      assert.deepEqual(foreseeable(dry.body), foreseeable(real.body));
      assert.notDeepEqual(await dump(query), before);
      const moments = await query(
        `SELECT updated_at FROM vrf WHERE updated_at > $1 UNION SELECT updated_at FROM subnet WHERE updated_at > $1
         UNION SELECT updated_at FROM address WHERE updated_at > $1 UNION SELECT updated_at FROM ip_range WHERE updated_at > $1`,
        [began?.at],
      );
      assert.ok(moments.length <= 1, `${moments.length} transactions`);
    });
  }
});
