import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from '#plugins/subnets';
import { allocation } from './index.ts';
import { assertExact } from './testing/space-state.ts';

describe('handing out addresses', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets, allocation]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await assertExact(register.db.query);
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
  });

  const engineer = () => register.as('engineer');
  const code = ({ status, body }: { status: number; body: { type: string } }) =>
    `${status} ${body.type.split(':').at(-1)}`;
  const make = async (cidr: string, more: object = {}): Promise<number> => {
    const { status, body } = await engineer().post('/subnets', { cidr, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body.id;
  };
  const ask = (id: number, wish: object = {}) => engineer().post(`/subnets/${id}/allocations`, wish);
  const take = async (id: number, wish: object = {}): Promise<string[]> => {
    const { status, body } = await ask(id, wish);
    assert.equal(status, 201, JSON.stringify(body));
    return body.addresses.map(({ address }: { address: string }) => address);
  };
  const ids = async (id: number) =>
    new Map<string, number>(
      (await engineer().get(`/subnets/${id}/addresses?limit=1000`)).body.items.map(
        (each: { address: string; id: number }) => [each.address, each.id],
      ),
    );
  const release = async (id: number, address: string) =>
    engineer().post(`/addresses/${(await ids(id)).get(address)}/release`);

  it('takes the lowest that is free', async () => {
    const id = await make('10.0.0.0/24');
    assert.deepEqual(await take(id), ['10.0.0.1']);
    assert.deepEqual(await take(id, { count: 2 }), ['10.0.0.2', '10.0.0.3']);
    assert.equal((await release(id, '10.0.0.2')).body.status, 'free');
    assert.deepEqual(await take(id, { count: 2 }), ['10.0.0.2', '10.0.0.4']);
  });

  it('hands out again what was asked for by name and released', async () => {
    const id = await make('10.0.0.0/24');
    assert.deepEqual(await take(id, { address: '10.0.0.1' }), ['10.0.0.1']);
    await release(id, '10.0.0.1');
    assert.deepEqual(await take(id), ['10.0.0.1']);
  });

  it('goes on in the space of a child that was deleted', async () => {
    const id = await make('10.0.0.0/24');
    const child = await make('10.0.0.128/25');
    assert.equal((await take(id, { count: 127 })).at(-1), '10.0.0.127');
    assert.equal(code(await ask(id)), '409 insufficient-space');
    assert.equal((await engineer().delete(`/subnets/${child}`)).status, 204);
    assert.deepEqual(await take(id), ['10.0.0.128']);
  });

  it('begins at the bottom after a child further up has come and gone', async () => {
    const id = await make('10.0.0.0/24');
    const child = await make('10.0.0.128/25');
    await engineer().delete(`/subnets/${child}`);
    assert.deepEqual(await take(id), ['10.0.0.1']);
  });

  for (const [cidr, all] of [
    ['10.0.0.0/30', ['10.0.0.1', '10.0.0.2']],
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1']],
    ['10.0.0.0/32', ['10.0.0.0']],
    ['255.255.255.252/30', ['255.255.255.253', '255.255.255.254']],
    ['255.255.255.254/31', ['255.255.255.254', '255.255.255.255']],
    ['2001:db8::/126', ['2001:db8::1', '2001:db8::2', '2001:db8::3']],
    ['2001:db8::/127', ['2001:db8::', '2001:db8::1']],
    ['2001:db8::7/128', ['2001:db8::7']],
    [
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127',
      ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ],
    ['::102:304/128', ['::102:304']],
  ] as const) {
    it(`hands out of ${cidr} ${all.length}, then none`, async () => {
      const id = await make(cidr);
      for (const address of all) assert.deepEqual(await take(id), [address]);
      assert.equal(code(await ask(id)), '409 insufficient-space');
      const { body } = await engineer().get(`/subnets/${id}`);
      assert.deepEqual(
        [body.utilization.total, body.utilization.free, body.utilization.percent],
        [all.length, 0, 100],
      );
    });
  }

  it('hands out network and broadcast address where they are allowed, also when that comes later', async () => {
    const id = await make('10.0.0.0/30', { allowNetworkAndBroadcast: true });
    assert.deepEqual(await take(id, { count: 4 }), ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3']);
    const later = await make('10.0.1.0/30');
    assert.deepEqual(await take(later), ['10.0.1.1']);
    await engineer().patch(`/subnets/${later}`, { allowNetworkAndBroadcast: true });
    assert.deepEqual(await take(later, { count: 3 }), ['10.0.1.0', '10.0.1.2', '10.0.1.3']);
  });

  it('hands out nothing that lies in a child, and not the broadcast address', async () => {
    const id = await make('10.0.0.0/29');
    await make('10.0.0.0/30');
    for (const last of [4, 5, 6]) assert.deepEqual(await take(id), [`10.0.0.${last}`]);
    const { status, body } = await ask(id);
    assert.deepEqual([status, body.free, body.wanted], [409, 0, 1]);
    assert.equal(body.detail, '10.0.0.0/29 has 0 free addresses, and 1 was asked for.');
  });

  it('serves an IPv6 /64, and finds what is free behind 65,535 taken ones', async () => {
    const id = await make('2001:db8::/64');
    assert.deepEqual(await take(id), ['2001:db8::1']);
    await register.db.query(`INSERT INTO address (vrf_id, address)
      SELECT 1, '2001:db8::'::inet + n FROM generate_series(2, 65535) n`);
    assert.deepEqual(await take(id), ['2001:db8::1:0']);
    assert.deepEqual((await engineer().get(`/subnets/${id}`)).body.utilization, {
      total: '18446744073709551615',
      used: 65_536,
      reserved: 0,
      quarantined: 0,
      free: '18446744073709486079',
      percent: 0,
    });
  });

  it('leaves out what is quarantined, reserved or deprecated', async () => {
    const id = await make('10.0.0.0/24');
    for (const [last, status] of [
      [1, 'quarantined'],
      [2, 'reserved'],
      [4, 'deprecated'],
    ]) {
      await engineer().post('/addresses', { address: `10.0.0.${last}`, status });
    }
    assert.deepEqual(await take(id, { count: 2 }), ['10.0.0.3', '10.0.0.5']);
    assert.deepEqual(await take(id, { status: 'quarantined' }), ['10.0.0.6']);
    const { reserved, quarantined, used } = (await engineer().get(`/subnets/${id}`)).body.utilization;
    assert.deepEqual([reserved, quarantined, used], [1, 2, 6]);
  });

  it('serves the same addresses in two VRFs', async () => {
    await engineer().post('/vrfs', { name: 'two' });
    const [one, two] = [await make('10.0.0.0/24'), await make('10.0.0.0/24', { vrf: 'two' })];
    assert.deepEqual([await take(one), await take(two)], [['10.0.0.1'], ['10.0.0.1']]);
    const { items } = (await engineer().get('/lookup/10.0.0.1')).body;
    assert.deepEqual(
      items.map((each: { vrf: { name: string }; address: { address: string } }) => [
        each.vrf.name,
        each.address.address,
      ]),
      [
        ['global', '10.0.0.1'],
        ['two', '10.0.0.1'],
      ],
    );
  });

  it('keeps what was said of the addresses, and tells it as GET does', async () => {
    const id = await make('10.0.0.0/24');
    const wish = {
      count: 2,
      hostname: 'web.example.net',
      mac: '00-1A-2B-3C-4D-5E',
      status: 'reserved',
      description: 'two of them',
      tags: ['dmz'],
      metadata: { rack: 7 },
      ttl: 3600,
    };
    const { body } = await ask(id, wish);
    const [first] = body.addresses;
    assert.deepEqual((await engineer().get(`/addresses/${first.id}`)).body, first);
    assert.deepEqual(
      [first.mac, first.status, first.tags, first.metadata],
      ['00:1a:2b:3c:4d:5e', 'reserved', ['dmz'], { rack: 7 }],
    );
    const rest = Date.parse(first.expiresAt) - Date.now();
    assert.ok(rest > 3_500_000 && rest <= 3_600_000, first.expiresAt);
    const again = await ask(id, { expiresAt: '2999-01-01T01:00:00+01:00' });
    assert.equal(again.body.addresses[0].expiresAt, '2999-01-01T00:00:00Z');
    const { id: addressId } = again.body.addresses[0];
    assert.deepEqual((await engineer().get(`/addresses/${addressId}`)).body, again.body.addresses[0]);
  });

  it('grants a list of wishes whole', async () => {
    const id = await make('10.0.0.0/24');
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { count: 2, hostname: 'a' },
      { address: '10.0.0.2', hostname: 'b' },
      { hostname: 'c' },
    ]);
    assert.equal(status, 201);
    assert.deepEqual(
      body.addresses.map((each: { address: string; hostname: string }) => `${each.address} ${each.hostname}`),
      ['10.0.0.1 a', '10.0.0.3 a', '10.0.0.2 b', '10.0.0.4 c'],
    );
  });

  it('grants a list that names two and wants as many more as it has members', async () => {
    const id = await make('10.0.0.0/24');
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { address: '10.0.0.63' },
      { count: 3, hostname: 'b' },
      { address: '10.0.0.36' },
    ]);
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual(
      body.addresses.map(
        (each: { address: string; hostname: string | null }) => `${each.address} ${each.hostname}`,
      ),
      ['10.0.0.63 null', '10.0.0.1 b', '10.0.0.2 b', '10.0.0.3 b', '10.0.0.36 null'],
    );
  });

  it('grants nothing of a list of which one wish cannot be granted, and says which', async () => {
    const id = await make('10.0.0.0/29');
    await engineer().post('/addresses', { address: '10.0.0.2', hostname: 'printer' });
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { count: 1 },
      { address: '10.0.0.2' },
      { address: '10.0.1.2' },
      { count: 9 },
    ]);
    assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:address-taken']);
    assert.deepEqual(
      body.refused.map((each: { index: number; code: string }) => `${each.index} ${each.code}`),
      ['1 address-taken', '2 address-outside', '3 insufficient-space'],
    );
    assert.equal((await ids(id)).size, 1);
  });

  it('says of an address that a list names twice that it is named twice', async () => {
    const id = await make('10.0.0.0/29');
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { address: '10.0.0.2' },
      { address: '10.0.0.2' },
    ]);
    assert.deepEqual([status, body.type], [409, 'urn:cadastre:error:address-taken']);
    assert.equal(body.detail, '10.0.0.2 has just gone to another.');
    assert.deepEqual(
      body.refused.map(({ index }: { index: number }) => index),
      [1],
    );
  });

  it('gives at most 1,000 addresses at a time', async () => {
    const id = await make('10.0.0.0/16');
    assert.equal((await take(id, { count: 1000 })).length, 1000);
    assert.equal(code(await ask(id, { count: 1001 })), '422 invalid');
    const { status, body } = await engineer().post(`/subnets/${id}/allocations`, [
      { count: 999 },
      { count: 2 },
    ]);
    assert.deepEqual([status, body.errors[0].message], [422, 'One request may take 1000 addresses at most']);
  });

  it('gives an address by name, or says why not', async () => {
    const id = await make('10.0.0.0/24');
    await make('10.0.0.64/26');
    await engineer().post('/addresses', { address: '10.0.0.9', hostname: 'printer', status: 'reserved' });
    const refusal = async (address: string) => {
      const answer = await ask(id, { address });
      return [code(answer), answer.body.detail];
    };
    assert.deepEqual(await take(id, { address: '10.0.0.200' }), ['10.0.0.200']);
    const [kind, detail] = await refusal('10.0.0.9');
    assert.equal(kind, '409 address-taken');
    assert.match(detail, /^10\.0\.0\.9 is reserved to printer \(address \d+\)\.$/);
    assert.equal((await ask(id, { address: '10.0.0.9' })).body.holder.hostname, 'printer');
    assert.deepEqual(await refusal('10.0.0.70'), [
      '409 address-taken',
      '10.0.0.70 lies in 10.0.0.64/26, a subnet of its own; ask that one.',
    ]);
    assert.deepEqual(await refusal('10.0.1.1'), [
      '422 address-outside',
      '10.0.1.1 does not lie in 10.0.0.0/24.',
    ]);
    assert.equal((await refusal('2001:db8::1'))[0], '422 address-outside');
    for (const last of [0, 255]) assert.equal((await refusal(`10.0.0.${last}`))[0], '422 address-not-usable');
    const six = await make('2001:db8::/64');
    const first = await ask(six, { address: '2001:db8::' });
    assert.equal(
      first.body.detail,
      '2001:db8:: is the subnet-router anycast address of 2001:db8::/64; set allowNetworkAndBroadcast to use it.',
    );
  });

  it('says how many are free where more are asked for', async () => {
    const id = await make('10.0.0.0/28');
    await take(id, { count: 4 });
    const { body } = await ask(id, { count: 11 });
    assert.deepEqual([body.status, body.free, body.wanted], [409, 10, 11]);
    assert.equal(body.detail, '10.0.0.0/28 has 10 free addresses, and 11 were asked for.');
  });

  it('refuses wishes that contradict themselves', async () => {
    const id = await make('10.0.0.0/24');
    for (const [wish, path] of [
      [{ count: 2, address: '10.0.0.5' }, 'body.count'],
      [{ address: '10.0.0.5', strategy: 'first' }, 'body.strategy'],
      [{ ttl: 5, expiresAt: '2999-01-01T00:00:00Z' }, 'body.ttl'],
      [{ expiresAt: '2001-01-01T00:00:00Z' }, 'body.expiresAt'],
      [{ status: 'free' }, 'body.status'],
      [{ count: 0 }, 'body.count'],
      [{ hostnam: 'x' }, 'body.hostnam'],
      [{ address: '010.0.0.5' }, 'body.address'],
      [{ mac: '00:11' }, 'body.mac'],
    ] as const) {
      const { status, body } = await ask(id, wish);
      assert.deepEqual([status, body.errors?.[0]?.path], [422, path], JSON.stringify(body));
    }
    assert.equal(code(await engineer().post(`/subnets/${id}/allocations`, [])), '422 invalid');
    assert.equal(code(await ask(999_999)), '404 not-found');
    assert.equal(code(await engineer().post('/subnets/999999/allocations', [{}])), '404 not-found');
  });

  it('keeps nothing of a dry run, and answers what would be', async () => {
    const id = await make('10.0.0.0/24');
    const answer = await engineer().post(`/subnets/${id}/allocations?dryRun=true`, { count: 2 });
    assert.deepEqual([answer.status, answer.body.addresses.length], [200, 2]);
    const blocks = await engineer().post(`/subnets/${id}/subnet-allocations?dryRun=true`, {
      prefixLength: 28,
    });
    assert.deepEqual([blocks.status, blocks.body.subnets[0].cidr], [200, '10.0.0.0/28']);
    assert.equal((await ids(id)).size, 0);
    await take(id);
    const [addressId] = (await ids(id)).values();
    const released = await engineer().post(`/addresses/${addressId}/release?dryRun=true`);
    assert.deepEqual([released.status, released.body.status], [200, 'free']);
    const all = await engineer().post('/addresses/release?dryRun=true', { addresses: ['10.0.0.1'] });
    assert.deepEqual([all.status, all.body.addresses[0].status], [200, 'free']);
    assert.equal((await engineer().get(`/addresses/${addressId}`)).body.status, 'assigned');
    assert.equal(
      code(await engineer().post(`/subnets/${id}/allocations?dryRun=true`, { address: '10.0.0.1' })),
      '409 address-taken',
    );
  });

  it('is for admins and engineers', async () => {
    const id = await make('10.0.0.0/24');
    await take(id);
    const [addressId] = (await ids(id)).values();
    const calls = [
      [`/subnets/${id}/allocations`, {}],
      [`/subnets/${id}/subnet-allocations`, { prefixLength: 28 }],
      [`/addresses/${addressId}/release`, undefined],
      ['/addresses/release', { addresses: ['10.0.0.1'] }],
    ] as const;
    for (const [path, body] of calls) {
      for (const role of ['viewer', 'auditor'] as const) {
        const answer = await register.as(role).post(path, body);
        assert.equal(code(answer), '403 forbidden', `${role} ${path}`);
        assert.match(answer.body.detail, /allocation:write/);
      }
      assert.equal((await register.anonymous.post(path, body)).status, 401);
      assert.ok([200, 201].includes((await register.as('admin').post(path, body)).status), path);
    }
  });
});
