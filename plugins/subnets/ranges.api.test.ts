import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('ranges', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets]);
    await register.as('admin').post('/subnets', { cidr: '10.0.0.0/24' });
  });
  afterEach(() => register.stop());

  const as = () => register.as('engineer');
  const utilization = async () => (await as().get('/subnets/1')).body.utilization;

  it('are set apart, listed, changed and deleted', async () => {
    const made = await as().post('/ranges', {
      start: '10.0.0.10',
      end: '10.0.0.19',
      purpose: 'dhcp',
      description: 'Office',
    });
    assert.equal(made.status, 201);
    const { id, vrfId, start, end, family, size, purpose, allocatable, countAsUsed } = made.body;
    assert.deepEqual(
      { id, vrfId, start, end, family, size, purpose, allocatable, countAsUsed },
      {
        id: 1,
        vrfId: 1,
        start: '10.0.0.10',
        end: '10.0.0.19',
        family: 4,
        size: 10,
        purpose: 'dhcp',
        allocatable: false,
        countAsUsed: true,
      },
    );
    assert.equal(made.headers.etag, '"1"');
    const { body: list } = await as().get('/ranges?contains=10.0.0.15&purpose=dhcp&vrf=global');
    assert.deepEqual(
      list.items.map((each: { id: number }) => each.id),
      [1],
    );
    assert.deepEqual((await as().get('/ranges?within=10.0.0.0/29')).body.items, []);
    assert.equal((await as().get('/ranges?within=10.0.0.0/24&start__lte=10.0.0.10')).body.items.length, 1);
    const changed = await as().patch('/ranges/1', { end: '10.0.0.29' }, { 'If-Match': '"1"' });
    assert.deepEqual([changed.status, changed.body.size, changed.body.version], [200, 20, 2]);
    const sizes = await as().get('/ranges?fields=size');
    assert.deepEqual(sizes.body.items, [{ size: 20 }], 'a number, as in a whole record');
    assert.equal((await utilization()).used, 20);
    assert.equal((await as().patch('/ranges/1', { end: '10.0.0.39' }, { 'If-Match': '"1"' })).status, 412);
    assert.equal((await as().delete('/ranges/1')).status, 204);
    assert.equal((await utilization()).used, 0);
    assert.equal((await as().get('/ranges/1')).status, 404);
  });

  it('count as a whole, once, however many hosts lie in them', async () => {
    await as().post('/ranges', { start: '10.0.0.10', end: '10.0.0.19', purpose: 'dhcp' });
    for (const address of ['10.0.0.12', '10.0.0.13', '10.0.0.100', '10.0.0.101']) {
      assert.equal((await as().post('/addresses', { address })).status, 201);
    }
    const { total, used, free, percent } = await utilization();
    assert.deepEqual({ total, used, free, percent }, { total: 254, used: 12, free: 242, percent: 4.72 });
  });

  it('hand out nothing unless they are allocatable, and are no free subnets in either case', async () => {
    await as().post('/ranges', { start: '10.0.0.0', end: '10.0.0.63', purpose: 'reserved' });
    await as().post('/ranges', { start: '10.0.0.128', end: '10.0.0.130', purpose: 'pool' });
    const free = await as().get('/subnets/1/free');
    assert.deepEqual(free.body.items, [{ start: '10.0.0.64', end: '10.0.0.255', size: 192 }]);
    const blocks = await as().get('/subnets/1/free-subnets?prefixLength=26');
    assert.deepEqual(blocks.body.items, ['10.0.0.64/26', '10.0.0.192/26']);
    const maximal = await as().get('/subnets/1/free-subnets?limit=2');
    assert.deepEqual(maximal.body.items, ['10.0.0.64/26', '10.0.0.131/32']);
  });

  it('reach into subnets that are made inside them later', async () => {
    await as().post('/ranges', { start: '10.0.0.10', end: '10.0.0.40', purpose: 'dhcp' });
    const child = await as().post('/subnets', { cidr: '10.0.0.32/27' });
    assert.deepEqual(child.body.utilization.used, 8);
    const free = await as().get(`/subnets/${child.body.id}/free`);
    assert.deepEqual(free.body.items, [{ start: '10.0.0.41', end: '10.0.0.63', size: 23 }]);
    // 22 of its own and the child's 32.
    assert.equal((await utilization()).used, 54);
  });

  it('keep their subnet: it is not deleted from under them unless told', async () => {
    await as().post('/ranges', { start: '10.0.0.10', end: '10.0.0.40', purpose: 'dhcp' });
    const refused = await as().delete('/subnets/1');
    assert.deepEqual([refused.status, refused.body.ranges], [409, 1]);
    assert.match(refused.body.detail, /^10\.0\.0\.0\/24 holds 0 subnets and 0 addresses and 1 ranges;/);
    assert.equal((await register.as('admin').delete('/subnets/1?cascade=delete')).status, 204);
    assert.deepEqual((await as().get('/ranges')).body.items, []);
  });

  it('are not for viewers to write, and a dry run keeps nothing', async () => {
    const body = { start: '10.0.0.10', end: '10.0.0.40', purpose: 'dhcp' };
    assert.equal((await register.as('viewer').post('/ranges', body)).status, 403);
    assert.equal((await register.as('viewer').get('/ranges')).status, 200);
    const dry = await as().post('/ranges?dryRun=true', body);
    assert.deepEqual([dry.status, dry.body.size], [200, 31]);
    assert.deepEqual((await as().get('/ranges')).body.items, []);
  });

  it('refuse what cannot be', async () => {
    await as().post('/ranges', { start: '10.0.0.10', end: '10.0.0.19', purpose: 'dhcp' });
    const refusals: [object, number, RegExp][] = [
      [
        { start: '10.0.0.30', end: '10.0.0.20', purpose: 'dhcp' },
        422,
        /^body\.end: 10\.0\.0\.20 comes before 10\.0\.0\.30; did you mean 10\.0\.0\.20 to 10\.0\.0\.30\?$/,
      ],
      [
        { start: '10.0.0.30', end: '2001:db8::1', purpose: 'dhcp' },
        422,
        /is not of the same family as 10\.0\.0\.30; a range is of one\.$/,
      ],
      [
        { start: '10.0.0.19', end: '10.0.0.30', purpose: 'pool' },
        409,
        /^The range 10\.0\.0\.10 to 10\.0\.0\.19 has some of these addresses already/,
      ],
      [
        { start: '10.0.0.250', end: '10.0.1.5', purpose: 'pool' },
        409,
        /^10\.0\.0\.250 to 10\.0\.1\.5 does not lie within one subnet of its VRF\.$/,
      ],
      [{ start: '10.0.0.30', end: '10.0.0.31', purpose: 'nap' }, 422, /body\.purpose/],
      [{ start: '10.0.0.30', purpose: 'dhcp' }, 422, /^body\.end: It is missing/],
      [{ start: '10.0.0.30', end: '10.0.0.31', purpose: 'dhcp', vrf: 'blue' }, 422, /There is no VRF "blue"/],
    ];
    for (const [body, status, detail] of refusals) {
      const answer = await as().post('/ranges', body);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.match(answer.body.detail, detail);
    }
    // Adjacent is fine.
    assert.equal(
      (await as().post('/ranges', { start: '10.0.0.20', end: '10.0.0.29', purpose: 'pool' })).status,
      201,
    );
  });
});

describe('a gateway', () => {
  let register: TestRegister;
  beforeEach(async () => {
    register = await startTestRegister([subnets]);
  });
  afterEach(() => register.stop());

  const as = () => register.as('engineer');
  const rows = async () => {
    const { body } = await as().get('/addresses');
    return body.items.map(
      ({ address, role, status }: Record<string, string>) => `${address} ${role} ${status}`,
    );
  };

  it('has a row of its own as long as a subnet names it', async () => {
    const made = await as().post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.1' });
    assert.deepEqual([made.status, made.body.gateway, made.body.utilization.reserved], [201, '10.0.0.1', 1]);
    assert.deepEqual(await rows(), ['10.0.0.1 gateway reserved']);
    const moved = await as().patch('/subnets/1', { gateway: '10.0.0.254' });
    assert.equal(moved.body.gateway, '10.0.0.254');
    assert.deepEqual(await rows(), ['10.0.0.1 null free', '10.0.0.254 gateway reserved']);
    await as().patch('/subnets/1', { gateway: null });
    assert.deepEqual(await rows(), ['10.0.0.1 null free', '10.0.0.254 null free']);
    const free = await as().get('/subnets/1/free');
    assert.deepEqual(free.body.items, [{ start: '10.0.0.0', end: '10.0.0.255', size: 256 }]);
  });

  it('may be a router that is registered already, which keeps its name', async () => {
    await as().post('/subnets', { cidr: '10.0.0.0/24' });
    await as().post('/addresses', { address: '10.0.0.1', hostname: 'router-1' });
    await as().patch('/subnets/1', { gateway: '10.0.0.1' });
    const { body } = await as().get('/addresses/1');
    assert.deepEqual([body.hostname, body.role, body.status], ['router-1', 'gateway', 'reserved']);
  });

  it('in conflict stays in quarantine, whether a subnet names it or not', async () => {
    await as().post('/subnets', { cidr: '10.0.0.0/24' });
    await as().post('/addresses', { address: '10.0.0.1', status: 'quarantined', hostname: 'router-1' });
    await as().patch('/subnets/1', { gateway: '10.0.0.1' });
    assert.deepEqual(await rows(), ['10.0.0.1 gateway quarantined']);
    await as().patch('/subnets/1', { gateway: null });
    assert.deepEqual(await rows(), ['10.0.0.1 null quarantined']);
    assert.equal((await as().get('/addresses/1')).body.hostname, 'router-1');
  });

  it('is not released or deleted from under its subnet, but goes with it', async () => {
    await as().post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.1' });
    const refused = await as().delete('/addresses/1');
    assert.equal(refused.status, 409);
    assert.equal(
      refused.body.detail,
      '10.0.0.1 is the gateway of 10.0.0.0/24; give the subnet another gateway, or none, first.',
    );
    assert.equal((await as().patch('/addresses/1', { role: 'primary' })).status, 409);
    assert.equal((await as().patch('/addresses/1', { hostname: 'gw' })).status, 200);
    assert.equal((await as().delete('/subnets/1')).status, 204);
    assert.deepEqual(await rows(), []);
    await as().post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.1' });
    assert.equal((await register.as('admin').delete('/subnets/2?cascade=delete')).status, 204);
  });

  it('may be shared by two subnets, and stays until neither names it', async () => {
    await as().post('/subnets', { cidr: '10.0.0.0/23', gateway: '10.0.0.1' });
    await as().post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.1' });
    await as().patch('/subnets/1', { gateway: null });
    assert.deepEqual(await rows(), ['10.0.0.1 gateway reserved']);
    await as().patch('/subnets/2', { gateway: null });
    assert.deepEqual(await rows(), ['10.0.0.1 null free']);
  });

  it('must be an address for hosts of the subnet', async () => {
    const outside = await as().post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.1.1' });
    assert.deepEqual(
      [outside.status, outside.body.errors[0].message],
      [422, '10.0.1.1 does not lie in 10.0.0.0/24; a gateway is one of 10.0.0.1 to 10.0.0.254.'],
    );
    const edge = await as().post('/subnets', { cidr: '10.0.0.0/24', gateway: '10.0.0.255' });
    assert.match(edge.body.detail, /is not an address for hosts in 10\.0\.0\.0\/24/);
    const both = await as().post('/subnets', {
      cidr: '10.0.0.0/24',
      gateway: '10.0.0.255',
      allowNetworkAndBroadcast: true,
    });
    assert.equal(both.status, 201);
    assert.equal((await as().patch('/subnets/1', { gateway: '2001:db8::1' })).status, 422);
  });
});
