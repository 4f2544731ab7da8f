import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

const code = ({ status, body }: { status: number; body: { type: string } }) =>
  `${status} ${body.type.split(':').at(-1)}`;

describe('subnets, addresses and VRFs', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([subnets]);
  });
  after(() => register.stop());
  afterEach(async () => {
    await register.db.query('DELETE FROM address');
    await register.db.query('DELETE FROM subnet');
    await register.db.query(`DELETE FROM vrf WHERE name <> 'global'`);
  });

  const engineer = () => register.as('engineer');
  const make = async (cidr: string, more: object = {}) => {
    const answer = await engineer().post('/subnets', { cidr, ...more });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const hold = async (address: string, more: object = {}) => {
    const answer = await engineer().post('/addresses', { address, ...more });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const counts = async () => {
    const [row] = await register.db.query(
      'SELECT (SELECT count(*) FROM subnet) AS subnets, (SELECT count(*) FROM address) AS addresses, (SELECT count(*) FROM vrf) AS vrfs',
    );
    return row;
  };

  it('cannot be truncated, which would leave counters and spans behind', async () => {
    for (const table of ['subnet', 'address']) {
      await assert.rejects(
        register.owner.query(`TRUNCATE ${table} CASCADE`),
        /cannot be truncated; use DELETE/,
      );
    }
  });

  it('are made as asked, with what follows from the CIDR', async () => {
    const answer = await engineer().post('/subnets', {
      cidr: '2001:DB8:0::/48',
      name: ' Site ',
      status: 'container',
      description: 'd',
      tags: ['a'],
      metadata: { b: [1] },
    });
    const { id, vrfId, createdAt, updatedAt, rollup, ...rest } = answer.body;
    assert.deepEqual([answer.status, answer.headers.etag], [201, '"1"']);
    assert.deepEqual([rollup.used, rollup.percent], [0, 0]);
    assert.equal(answer.headers.location, `/api/v1/subnets/${id}`);
    assert.deepEqual(rest, {
      cidr: '2001:db8::/48',
      family: 6,
      prefixLength: 48,
      parentId: null,
      name: 'Site',
      status: 'container',
      vlanId: null,
      gateway: null,
      allowNetworkAndBroadcast: false,
      strategy: null,
      childStrategy: null,
      minChildPrefixLength: null,
      maxChildPrefixLength: null,
      defaultChildPrefixLength: null,
      cooldownSeconds: null,
      monitored: false,
      description: 'd',
      tags: ['a'],
      metadata: { b: [1] },
      customFields: {},
      childCount: 0,
      utilization: {
        total: '1208925819614629174706176',
        used: 0,
        reserved: 0,
        quarantined: 0,
        free: '1208925819614629174706176',
        percent: 0,
      },
      version: 1,
      createdBy: 'user:0',
      updatedBy: 'user:0',
    });
    assert.deepEqual((await engineer().get(`/subnets/${id}`)).body, answer.body);
    assert.equal(createdAt, updatedAt);
    assert.equal(code(await engineer().post('/subnets', { cidr: '2001:db8::/48' })), '409 subnet-taken');
    assert.equal(typeof vrfId, 'number');
  });

  for (const [cidr, said] of [
    ['10.0.0.5/24', /host bits set; did you mean 10\.0\.0\.0\/24\?$/],
    ['2001:db8::1/64', /did you mean 2001:db8::\/64\?$/],
    ['::ffff:10.0.0.0/104', /IPv4 address mapped into IPv6; write 10\.0\.0\.0/],
    ['fe80::%eth0/64', /zone id/],
    ['010.0.0.0/8', /leading zeros.*did you mean 10\.0\.0\.0\?/],
    ['10.1/16', /shorthand/],
    ['10.0.0.0', /no prefix length/],
    ['10.0.0.0/33', /not a prefix length of IPv4: 0 to 32/],
    ['10.0.0.0/08', /not a prefix length/],
    ['10.0.0.256/32', /larger than 255/],
    ['nonsense', /not an IP address/],
  ] as const) {
    it(`refuse ${cidr}, and say what is wrong with it`, async () => {
      const { status, body } = await engineer().post('/subnets', { cidr });
      assert.deepEqual([status, body.errors[0].path, body.errors[0].code], [422, 'body.cidr', 'not-a-cidr']);
      assert.match(body.errors[0].message.replace(/\.$/, ''), said);
    });
  }

  for (const address of [
    '010.0.0.1',
    '10.1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '10.0.0.1/32',
    '10.0.0.999',
    '1::2::3',
    '',
  ]) {
    it(`refuse the address "${address}"`, async () => {
      const { status, body } = await engineer().post('/addresses', { address });
      assert.deepEqual(
        [status, body.errors[0].path, body.errors[0].code],
        [422, 'body.address', 'not-an-address'],
      );
    });
  }

  it('lie in the VRF that was chosen by id or by name, else in global', async () => {
    const blue = (await engineer().post('/vrfs', { name: 'blue', rd: '65000:1' })).body;
    const [a, b, c] = [
      await make('10.0.0.0/24'),
      await make('10.0.0.0/24', { vrf: 'blue' }),
      await make('10.0.1.0/24', { vrfId: blue.id }),
    ];
    assert.deepEqual([b.vrfId, c.vrfId], [blue.id, blue.id]);
    assert.notEqual(a.vrfId, blue.id);
    for (const [choice, path] of [
      [{ vrf: 'red' }, 'body.vrf'],
      [{ vrfId: 999 }, 'body.vrfId'],
      [{ vrf: 'blue', vrfId: blue.id }, 'body.vrf'],
    ] as const) {
      for (const [list, own] of [
        ['/subnets', { cidr: '10.5.0.0/24' }],
        ['/addresses', { address: '10.0.0.1' }],
      ] as const) {
        const { status, body } = await engineer().post(list, { ...own, ...choice });
        assert.deepEqual([status, body.errors?.[0].path], [422, path], JSON.stringify(body));
      }
    }
    assert.equal((await hold('10.0.0.1', { vrf: 'blue' })).subnetId, b.id);
  });

  it('form a tree, whatever the order they come in', async () => {
    const leaf = await make('10.0.0.0/24');
    const top = await make('10.0.0.0/8');
    const middle = await make('10.0.0.0/16');
    const parent = async (id: number) => (await engineer().get(`/subnets/${id}`)).body.parentId;
    assert.deepEqual(
      [await parent(leaf.id), await parent(middle.id), await parent(top.id)],
      [middle.id, top.id, null],
    );
    assert.equal((await engineer().delete(`/subnets/${middle.id}?cascade=rehome`)).status, 204);
    assert.equal(await parent(leaf.id), top.id);
  });

  it('take the addresses that lie inside them, and give them back', async () => {
    const outer = await make('10.0.0.0/24');
    const address = await hold('10.0.0.9');
    const inner = await make('10.0.0.8/29');
    const now = async () => (await engineer().get(`/addresses/${address.id}`)).body;
    assert.deepEqual([address.subnetId, (await now()).subnetId], [outer.id, inner.id]);
    assert.equal((await now()).version, 1, 'nobody wrote it');
    await engineer().delete(`/subnets/${inner.id}?cascade=rehome`);
    assert.equal((await now()).subnetId, outer.id);
  });

  it('count what is used', async () => {
    const container = await make('10.0.0.0/24', { status: 'container' });
    for (const cidr of ['10.0.0.0/26', '10.0.0.128/26']) await make(cidr);
    await hold('10.0.0.70');
    const read = async (id: number) => (await engineer().get(`/subnets/${id}`)).body.utilization;
    assert.deepEqual(await read(container.id), {
      total: 256,
      used: 129,
      reserved: 0,
      quarantined: 0,
      free: 127,
      percent: 50.39,
    });
    await engineer().patch(`/subnets/${container.id}`, { status: 'active' });
    assert.deepEqual(await read(container.id), {
      total: 254,
      used: 128,
      reserved: 0,
      quarantined: 0,
      free: 126,
      percent: 50.39,
    });
    const plain = await make('10.1.0.0/24', { status: 'container' });
    for (const cidr of ['10.1.0.0/26', '10.1.0.64/26']) await make(cidr);
    assert.equal((await read(plain.id)).percent, 50);
  });

  it('are changed, each change a version, and only by who knows the current one', async () => {
    const subnet = await make('10.0.0.0/24');
    const change = (body: object, headers?: Record<string, string>) =>
      engineer().patch(`/subnets/${subnet.id}`, body, headers);
    const first = await change({ name: 'one', allowNetworkAndBroadcast: true }, { 'If-Match': '"1"' });
    assert.deepEqual(
      [first.status, first.headers.etag, first.body.name, first.body.utilization.total],
      [200, '"2"', 'one', 256],
    );
    const late = await change({ name: 'two' }, { 'If-Match': '"1"' });
    assert.deepEqual(
      [code(late), late.headers.etag, late.body.current],
      ['412 version-mismatch', '"2"', first.body],
    );
    assert.deepEqual((await change({})).body, first.body);
    assert.deepEqual((await change({ name: 'one' })).body, first.body, 'no change is no version');
    assert.equal((await change({ name: null })).body.name, null);
    for (const body of [
      { cidr: '10.0.1.0/24' },
      { vrfId: 1 },
      { parentId: 1 },
      { name: '' },
      { status: 'full' },
      { version: 9 },
    ]) {
      assert.equal(code(await change(body)), '422 invalid', JSON.stringify(body));
    }
    assert.equal(
      code(await engineer().delete(`/subnets/${subnet.id}`, undefined, { 'If-Match': '"1"' })),
      '412 version-mismatch',
    );
    assert.equal(
      (await engineer().delete(`/subnets/${subnet.id}`, undefined, { 'If-Match': '"3"' })).status,
      204,
    );
    for (const answer of [
      await change({}),
      await engineer().get(`/subnets/${subnet.id}`),
      await engineer().delete(`/subnets/${subnet.id}`),
    ]) {
      assert.equal(code(answer), '404 not-found');
    }
  });

  it('are not deleted while they hold something, unless that is said', async () => {
    const top = await make('10.0.0.0/16');
    const middle = await make('10.0.0.0/24');
    await make('10.0.0.0/28');
    await hold('10.0.0.77');
    await hold('10.0.0.3');
    const full = await engineer().delete(`/subnets/${middle.id}`);
    assert.deepEqual([code(full), full.body.children, full.body.addresses], ['409 subnet-not-empty', 1, 1]);
    const orphans = await engineer().delete(`/subnets/${top.id}?cascade=rehome`);
    assert.deepEqual([code(orphans), orphans.body.children, orphans.body.addresses], ['409 no-parent', 1, 0]);
    const forbidden = await engineer().delete(`/subnets/${middle.id}?cascade=delete`);
    assert.equal(code(forbidden), '403 forbidden');
    assert.match(forbidden.body.detail, /subnets:delete-branch/);
    assert.deepEqual(await counts(), { subnets: 3, addresses: 2, vrfs: 1 });
    assert.equal((await engineer().delete(`/subnets/${middle.id}?cascade=rehome`)).status, 204);
    assert.deepEqual(await counts(), { subnets: 2, addresses: 2, vrfs: 1 });
    const dry = await register.as('admin').delete(`/subnets/${top.id}?cascade=delete&dryRun=true`);
    assert.equal(dry.status, 204);
    assert.deepEqual(await counts(), { subnets: 2, addresses: 2, vrfs: 1 });
    assert.equal((await register.as('admin').delete(`/subnets/${top.id}?cascade=delete`)).status, 204);
    assert.deepEqual(await counts(), { subnets: 0, addresses: 0, vrfs: 1 });
    assert.equal(code(await engineer().delete(`/subnets/${top.id}?cascade=sideways`)), '422 invalid');
  });

  it('of addresses: registered once, in the longest subnet, changed and forgotten', async () => {
    assert.equal(
      code(await engineer().post('/addresses', { address: '10.0.0.1' })),
      '409 address-needs-subnet',
    );
    const subnet = await make('10.0.0.0/24');
    const made = await engineer().post('/addresses', {
      address: '10.0.0.1',
      hostname: 'gw.example.net',
      mac: '001A.2B3C.4D5E',
      role: 'gateway',
      status: 'reserved',
    });
    const { id, mac, subnetId, family, role } = made.body;
    assert.deepEqual(
      [made.status, made.headers.etag, mac, subnetId, family, role],
      [201, '"1"', '00:1a:2b:3c:4d:5e', subnet.id, 4, 'gateway'],
    );
    const again = await engineer().post('/addresses', { address: '10.0.0.1' });
    assert.deepEqual(
      [code(again), again.body.holder.id, again.body.holder.hostname],
      ['409 address-taken', id, 'gw.example.net'],
    );
    const changed = await engineer().patch(
      `/addresses/${id}`,
      { hostname: null, status: 'quarantined' },
      { 'If-Match': '"1"' },
    );
    assert.deepEqual([changed.body.hostname, changed.body.version], [null, 2]);
    assert.equal(
      code(await engineer().patch(`/addresses/${id}`, { hostname: 'x' }, { 'If-Match': '"1"' })),
      '412 version-mismatch',
    );
    for (const body of [
      { status: 'free' },
      { address: '10.0.0.2' },
      { subnetId: 1 },
      { hostname: 'a b' },
      { hostname: '-a' },
      { mac: 'x' },
    ]) {
      assert.equal(
        code(await engineer().patch(`/addresses/${id}`, body)),
        '422 invalid',
        JSON.stringify(body),
      );
    }
    assert.equal((await engineer().get(`/subnets/${subnet.id}`)).body.utilization.quarantined, 1);
    assert.equal(
      code(await engineer().delete(`/addresses/${id}`, undefined, { 'If-Match': '"1"' })),
      '412 version-mismatch',
    );
    assert.equal((await engineer().delete(`/addresses/${id}`, undefined, { 'If-Match': '"2"' })).status, 204);
    assert.equal(code(await engineer().get(`/addresses/${id}`)), '404 not-found');
    assert.equal((await engineer().get(`/subnets/${subnet.id}`)).body.utilization.used, 0);
  });

  it('of VRFs: named once, and deleted only when empty', async () => {
    const blue = await engineer().post('/vrfs', { name: 'blue', rd: '65000:1' });
    assert.deepEqual([blue.status, blue.headers.etag], [201, '"1"']);
    assert.equal(code(await engineer().post('/vrfs', { name: 'blue' })), '409 vrf-taken');
    assert.equal(code(await engineer().post('/vrfs', { name: 'red', rd: '65000:1' })), '409 vrf-taken');
    for (const body of [{ name: '12' }, { name: 'x', rd: 'no' }, {}, { name: 'x', extra: 1 }]) {
      assert.equal(code(await engineer().post('/vrfs', body)), '422 invalid', JSON.stringify(body));
    }
    const { id } = blue.body;
    await make('10.0.0.0/8', { vrf: 'blue' });
    assert.equal((await engineer().get(`/vrfs/${id}`)).body.version, 1, 'the tree is not the VRF');
    const full = await engineer().delete(`/vrfs/${id}`);
    assert.deepEqual([code(full), full.body.subnets], ['409 vrf-in-use', 1]);
    const renamed = await engineer().patch(`/vrfs/${id}`, { name: 'navy' }, { 'If-Match': '"1"' });
    assert.deepEqual([renamed.body.name, renamed.body.version], ['navy', 2]);
    assert.equal(
      code(await engineer().patch(`/vrfs/${id}`, { name: 'x' }, { 'If-Match': '"1"' })),
      '412 version-mismatch',
    );
    await register.db.query('DELETE FROM subnet');
    assert.equal((await engineer().delete(`/vrfs/${id}`)).status, 204);
    const [global] = (await engineer().get('/vrfs')).body.items;
    assert.equal(global.name, 'global');
    assert.equal(code(await engineer().delete(`/vrfs/${global.id}`)), '409 vrf-global');
    assert.equal(code(await engineer().patch(`/vrfs/${global.id}`, { name: 'other' })), '409 vrf-global');
  });

  it('keep nothing of a dry run', async () => {
    const subnet = await make('10.0.0.0/24');
    const address = await hold('10.0.0.1');
    const blue = (await engineer().post('/vrfs', { name: 'blue' })).body;
    const before = await counts();
    const dry = [
      await engineer().post('/subnets?dryRun=true', { cidr: '10.0.0.0/28' }),
      await engineer().patch(`/subnets/${subnet.id}?dryRun=true`, { name: 'x' }),
      await engineer().delete(`/subnets/${subnet.id}?dryRun=true&cascade=rehome`),
      await engineer().post('/addresses?dryRun=true', { address: '10.0.0.2' }),
      await engineer().patch(`/addresses/${address.id}?dryRun=true`, { hostname: 'x' }),
      await engineer().delete(`/addresses/${address.id}?dryRun=true`),
      await engineer().post('/vrfs?dryRun=true', { name: 'red' }),
      await engineer().patch(`/vrfs/${blue.id}?dryRun=true`, { name: 'x' }),
      await engineer().delete(`/vrfs/${blue.id}?dryRun=true`),
    ];
    assert.deepEqual(
      dry.map(({ status }) => status),
      [200, 200, 409, 200, 200, 204, 200, 200, 204],
    );
    assert.deepEqual(await counts(), before);
    for (const [path, record] of [
      [`/subnets/${subnet.id}`, undefined],
      [`/addresses/${address.id}`, address],
      [`/vrfs/${blue.id}`, blue],
    ] as const) {
      const { body } = await engineer().get(path);
      assert.equal(body.version, 1);
      if (record) assert.deepEqual(body, record);
    }
    assert.equal(
      code(await engineer().post('/subnets?dryRun=true', { cidr: '10.0.0.0/24' })),
      '409 subnet-taken',
    );
  });

  it('are read by every role, and written by admins and engineers', async () => {
    const subnet = await make('10.0.0.0/24');
    const address = await hold('10.0.0.1');
    const reads = [
      '/subnets',
      '/addresses',
      '/vrfs',
      '/subnets/tree',
      '/lookup/10.0.0.1',
      `/subnets/${subnet.id}/free`,
      `/subnets/${subnet.id}/free-subnets`,
      `/subnets/${subnet.id}/addresses`,
      `/subnets/${subnet.id}/children`,
      `/subnets/${subnet.id}/ancestors`,
    ];
    const writes = [
      ['post', '/subnets', { cidr: '10.9.0.0/24' }],
      ['patch', `/subnets/${subnet.id}`, { name: 'x' }],
      ['post', '/addresses', { address: '10.0.0.2' }],
      ['patch', `/addresses/${address.id}`, { hostname: 'x' }],
      ['delete', `/addresses/${address.id}`, undefined],
      ['delete', `/subnets/${subnet.id}?cascade=delete`, undefined],
      ['post', '/vrfs', { name: 'v' }],
      ['patch', '/vrfs/1', {}],
      ['delete', '/vrfs/1', undefined],
    ] as const;
    for (const path of reads) {
      for (const role of ['admin', 'engineer', 'auditor', 'viewer'] as const) {
        assert.equal((await register.as(role).get(path)).status, 200, `${role} ${path}`);
      }
      assert.equal((await register.anonymous.get(path)).status, 401);
    }
    for (const [method, path, body] of writes) {
      for (const role of ['auditor', 'viewer'] as const) {
        assert.equal(
          code(await register.as(role)[method](path, body)),
          '403 forbidden',
          `${role} ${method} ${path}`,
        );
      }
      assert.equal((await register.anonymous[method](path, body)).status, 401);
    }
    for (const [method, path, body] of writes.slice(0, 7)) {
      assert.ok((await register.as('admin')[method](path, body)).status < 300, `admin ${method} ${path}`);
    }
  });
});
