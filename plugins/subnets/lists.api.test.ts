import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('lists of subnets and addresses', () => {
  let register: TestRegister;
  let blueId: number;
  before(async () => {
    register = await startTestRegister([subnets]);
    const engineer = register.as('engineer');
    blueId = (await engineer.post('/vrfs', { name: 'blue' })).body.id;
    for (const body of [
      { cidr: '10.0.0.0/16', name: 'Campus', status: 'container', tags: ['site'] },
      { cidr: '10.0.0.0/24', name: 'Office', tags: ['dmz', 'wifi'] },
      { cidr: '10.0.1.0/24', name: 'Lab 100%', status: 'reserved' },
      { cidr: '10.0.1.0/30', status: 'deprecated' },
      { cidr: '10.0.0.0/24', vrf: 'blue', name: 'office_blue', tags: ['dmz'] },
      { cidr: '2001:db8::/48', name: 'Six' },
      { cidr: '2001:db8::/64' },
    ]) {
      assert.equal((await engineer.post('/subnets', body)).status, 201);
    }
    for (const body of [
      { address: '10.0.1.1', hostname: 'a.lab', mac: '00:00:00:00:00:01', role: 'primary' },
      { address: '10.0.1.2', hostname: 'b.lab', status: 'reserved', expiresAt: '2999-01-01T00:00:00Z' },
      { address: '10.0.0.9', status: 'quarantined', tags: ['odd'] },
      { address: '10.0.0.9', vrf: 'blue', hostname: 'blue.lab' },
      { address: '2001:db8::9' },
    ]) {
      assert.equal((await engineer.post('/addresses', body)).status, 201);
    }
  });
  after(() => register.stop());

  const get = (path: string) => register.as('viewer').get(path);
  const names = async (path: string): Promise<string> => {
    const { status, body } = await get(path);
    assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
    return body.items
      .map(
        (each: { cidr?: string; address?: string; vrfId: number }) =>
          `${each.cidr ?? each.address}${each.vrfId === blueId ? ' blue' : ''}`,
      )
      .join(', ');
  };
  const all =
    '10.0.0.0/16, 10.0.0.0/24, 10.0.0.0/24 blue, 10.0.1.0/24, 10.0.1.0/30, 2001:db8::/48, 2001:db8::/64';

  for (const [query, wanted] of [
    ['', all],
    ['within=10.0.0.0/16', '10.0.0.0/24, 10.0.0.0/24 blue, 10.0.1.0/24, 10.0.1.0/30'],
    ['withinInclude=10.0.0.0/16', all.split(', 2001')[0]],
    [
      'within=10.0.0.0/16&within=2001:db8::/48&vrf=global',
      '10.0.0.0/24, 10.0.1.0/24, 10.0.1.0/30, 2001:db8::/64',
    ],
    ['contains=10.0.1.2', '10.0.0.0/16, 10.0.1.0/24, 10.0.1.0/30'],
    ['contains=10.0.1.0/30', '10.0.0.0/16, 10.0.1.0/24, 10.0.1.0/30'],
    ['contains=10.0.1.0/25', '10.0.0.0/16, 10.0.1.0/24'],
    ['family=6', '2001:db8::/48, 2001:db8::/64'],
    ['family=4&prefixLength=24', '10.0.0.0/24, 10.0.0.0/24 blue, 10.0.1.0/24'],
    ['prefixLength__gte=30', '10.0.1.0/30, 2001:db8::/48, 2001:db8::/64'],
    ['prefixLength=16&prefixLength=30', '10.0.0.0/16, 10.0.1.0/30'],
    ['vrf=blue', '10.0.0.0/24 blue'],
    ['vrf=nobody', ''],
    ['cidr=10.0.0.0/24', '10.0.0.0/24, 10.0.0.0/24 blue'],
    ['cidr=2001:DB8:0::/48', '2001:db8::/48'],
    ['tag=dmz', '10.0.0.0/24, 10.0.0.0/24 blue'],
    ['tag=wifi&tag=site', '10.0.0.0/16, 10.0.0.0/24'],
    ['name__contains=OFFICE', '10.0.0.0/24, 10.0.0.0/24 blue'],
    ['name__contains=0%25', '10.0.1.0/24'],
    ['name__contains=e_b', '10.0.0.0/24 blue'],
    ['name__empty=true', '10.0.1.0/30, 2001:db8::/64'],
    ['status=reserved&status=deprecated', '10.0.1.0/24, 10.0.1.0/30'],
    ['status__ne=active&family=4', '10.0.0.0/16, 10.0.1.0/24, 10.0.1.0/30'],
    ['utilization__gte=100', '10.0.1.0/30'],
    ['utilization__gte=0.39&utilization__lte=5&vrf=global', '10.0.0.0/16, 10.0.0.0/24, 10.0.1.0/24'],
    ['sort=-cidr&family=6', '2001:db8::/64, 2001:db8::/48'],
    [
      'sort=name',
      '10.0.0.0/16, 10.0.1.0/24, 10.0.0.0/24, 10.0.0.0/24 blue, 2001:db8::/48, 10.0.1.0/30, 2001:db8::/64',
    ],
    ['sort=-utilization&limit=1', '10.0.1.0/30'],
  ] as const) {
    it(`of subnets take ${query || 'no filter'}`, async () => {
      const wantedNames = wanted as string;
      if (query === 'sort=name') {
        // How names with capitals sort is the database's choice; those without a name come last.
        assert.deepEqual(
          (await names(`/subnets?${query}`)).split(', ').slice(5),
          wantedNames.split(', ').slice(5),
        );
      } else assert.equal(await names(`/subnets?${query}`), wantedNames);
    });
  }

  it('of subnets take the id of a VRF and of a parent', async () => {
    assert.equal(await names(`/subnets?vrf=${blueId}`), '10.0.0.0/24 blue');
    assert.equal(await names(`/subnets?vrfId=${blueId}`), '10.0.0.0/24 blue');
    const top = (await get('/subnets?cidr=10.0.0.0/16')).body.items[0].id;
    assert.equal(await names(`/subnets?parentId=${top}`), '10.0.0.0/24, 10.0.1.0/24');
    assert.equal(await names('/subnets?parentId__empty=true&family=4'), '10.0.0.0/16, 10.0.0.0/24 blue');
  });

  for (const [query, wanted] of [
    ['', '10.0.0.9, 10.0.0.9 blue, 10.0.1.1, 10.0.1.2, 2001:db8::9'],
    ['within=10.0.1.0/24', '10.0.1.1, 10.0.1.2'],
    ['within=10.0.1.1/32', ''],
    ['withinInclude=10.0.1.1/32', '10.0.1.1'],
    ['address=10.0.0.9', '10.0.0.9, 10.0.0.9 blue'],
    ['address__gte=10.0.1.2', '10.0.1.2, 2001:db8::9'],
    ['status=quarantined&status=reserved', '10.0.0.9, 10.0.1.2'],
    ['mac=00-00-00-00-00-01', '10.0.1.1'],
    ['hostname__contains=.LAB&vrf=global', '10.0.1.1, 10.0.1.2'],
    ['hostname__empty=true', '10.0.0.9, 2001:db8::9'],
    ['role=primary', '10.0.1.1'],
    ['tag=odd', '10.0.0.9'],
    ['expiresAt__gte=2100-01-01T00:00:00Z', '10.0.1.2'],
    ['sort=-address&vrf=global', '2001:db8::9, 10.0.1.2, 10.0.1.1, 10.0.0.9'],
  ] as const) {
    it(`of addresses take ${query || 'no filter'}`, async () =>
      assert.equal(await names(`/addresses?${query}`), wanted));
  }

  it('are the same by pages of one as at once, in every order', async () => {
    const orders = {
      subnets: ['cidr', 'name', 'status', 'utilization', 'id', 'createdAt'],
      addresses: ['address', 'hostname', 'status', 'expiresAt', 'id'],
    };
    for (const [list, fields] of Object.entries(orders)) {
      for (const sort of fields.flatMap((field) => [field, `-${field}`])) {
        const whole = (await get(`/${list}?sort=${sort}`)).body.items.map(({ id }: { id: number }) => id);
        const walked: number[] = [];
        for (let cursor = ''; ; ) {
          const { body } = await get(`/${list}?sort=${sort}&limit=1${cursor}`);
          walked.push(...body.items.map(({ id }: { id: number }) => id));
          if (body.nextCursor === null) break;
          cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
        }
        assert.deepEqual(walked, whole, `${list} ${sort}`);
      }
    }
  });

  it('tell the total when asked, and only the fields asked for', async () => {
    const { body } = await get('/subnets?count=exact&within=10.0.0.0/16&limit=1&fields=id,cidr');
    assert.equal(body.total, 4);
    assert.deepEqual(Object.keys(body.items[0]), ['id', 'cidr']);
    assert.equal((await get('/subnets')).body.total, null);
  });

  it('of the addresses of one subnet leave those of its children to them', async () => {
    const [{ id }] = (await get('/subnets?cidr=10.0.1.0/24')).body.items;
    assert.equal(await names(`/subnets/${id}/addresses`), '');
    const [{ id: child }] = (await get('/subnets?cidr=10.0.1.0/30')).body.items;
    assert.equal(await names(`/subnets/${child}/addresses?status=reserved`), '10.0.1.2');
    assert.equal((await get('/subnets/999999/addresses')).status, 404);
  });

  for (const [path, name] of [
    ['/subnets?nam=x', 'query.nam'],
    ['/subnets?within=10.0.0.5/24', 'query.within'],
    ['/subnets?within=10.0.0.0', 'query.within'],
    ['/subnets?contains=10.0.0.300', 'query.contains'],
    ['/subnets?family=5', 'query.family'],
    ['/subnets?prefixLength=129', 'query.prefixLength'],
    ['/subnets?utilization__gte=much', 'query.utilization__gte'],
    ['/subnets?status=full', 'query.status'],
    ['/subnets?sort=colour', 'query.sort'],
    ['/subnets?limit=1001', 'query.limit'],
    ['/subnets?cursor=xyz', 'query.cursor'],
    ['/addresses?address=10.0.0.0/24', 'query.address'],
    ['/addresses?mac=1', 'query.mac'],
  ] as const) {
    it(`refuse ${path}`, async () => {
      const { status, body } = await get(path);
      assert.deepEqual([status, body.errors?.[0].path], [422, name], JSON.stringify(body));
    });
  }
});
