import assert from 'node:assert/strict';
import { startTestRegister, type TestRegister } from '#core/testing';
import { tags } from './index.ts';

describe('tags down the tree', () => {
  let register: TestRegister;
  const ids: Record<string, number> = {};
  before(async () => {
    register = await startTestRegister([tags]);
    const engineer = register.as('engineer');
    await engineer.post('/tags', [
      { name: 'company', color: '#1d5fa8', inherited: true },
      { name: 'dmz', color: '#b3261e', inherited: true },
      { name: 'site', color: '#146035' },
    ]);
    await engineer.post('/vrfs', { name: 'blue' });
    for (const [cidr, carried, vrf] of [
      ['10.0.0.0/8', ['company', 'site', 'free']],
      ['10.1.0.0/16', ['dmz']],
      ['10.1.1.0/24', ['dmz']],
      ['10.1.1.0/25', []],
      ['10.2.0.0/16', ['site']],
      ['10.2.1.0/24', []],
      ['192.0.2.0/24', ['dmz']],
      ['198.51.100.0/24', []],
      ['2001:db8::/32', ['company']],
      ['2001:db8:1::/48', []],
      ['10.1.0.0/16', [], 'blue'],
    ] as [string, string[], string?][]) {
      const { body } = await engineer.post('/subnets', { cidr, tags: carried, vrf: vrf ?? 'global' });
      ids[`${vrf ?? ''}${cidr}`] = body.id;
    }
    for (const [address, carried, vrf] of [
      ['10.1.1.1', []],
      ['10.1.1.200', ['site']],
      ['10.2.1.1', ['dmz']],
      ['198.51.100.1', []],
      ['198.51.100.2', ['company']],
      ['2001:db8:1::1', []],
      ['10.1.1.1', [], 'blue'],
    ] as [string, string[], string?][]) {
      await engineer.post('/addresses', { address, tags: carried, vrf: vrf ?? 'global' });
    }
  });
  after(() => register.stop());

  const get = async (path: string) => {
    const { status, body } = await register.as('viewer').get(path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const company = (cidr = '10.0.0.0/8') => ({
    tag: 'company',
    color: '#1d5fa8',
    from: { id: ids[cidr], cidr },
  });
  const dmz = (cidr: string) => ({ tag: 'dmz', color: '#b3261e', from: { id: ids[cidr], cidr } });

  it('show with a subnet what it inherits, each tag from the nearest subnet above that carries it', async () => {
    const { items } = await get('/subnets?vrf=global&include=inheritedTags&fields=cidr');
    assert.deepEqual(
      items.map(({ cidr, inheritedTags }: Record<string, unknown>) => [cidr, inheritedTags]),
      [
        ['10.0.0.0/8', []],
        ['10.1.0.0/16', [company()]],
        ['10.1.1.0/24', [dmz('10.1.0.0/16'), company()]],
        ['10.1.1.0/25', [dmz('10.1.1.0/24'), company()]],
        ['10.2.0.0/16', [company()]],
        ['10.2.1.0/24', [company()]],
        ['192.0.2.0/24', []],
        ['198.51.100.0/24', []],
        ['2001:db8::/32', []],
        ['2001:db8:1::/48', [company('2001:db8::/32')]],
      ],
    );
    const one = await get(`/subnets/${ids['10.1.1.0/25']}?include=inheritedTags,parent`);
    assert.deepEqual(one.inheritedTags, [dmz('10.1.1.0/24'), company()]);
  });

  it('show with an address what its subnet carries, and those above, in its VRF alone', async () => {
    const { items } = await get('/addresses?include=inheritedTags,vrf');
    assert.deepEqual(
      items.map(
        ({
          address,
          vrf,
          inheritedTags,
        }: {
          address: string;
          vrf: { name: string };
          inheritedTags: unknown;
        }) => [`${address} ${vrf.name}`, inheritedTags],
      ),
      [
        ['10.1.1.1 global', [dmz('10.1.1.0/24'), company()]],
        ['10.1.1.1 blue', []],
        ['10.1.1.200 global', [dmz('10.1.1.0/24'), company()]],
        ['10.2.1.1 global', [company()]],
        ['198.51.100.1 global', []],
        ['198.51.100.2 global', []],
        ['2001:db8:1::1 global', [company('2001:db8::/32')]],
      ],
    );
  });

  for (const [query, wanted] of [
    ['effectiveTag=dmz', '10.1.0.0/16 10.1.1.0/24 10.1.1.0/25 192.0.2.0/24'],
    ['effectiveTag=site', '10.0.0.0/8 10.2.0.0/16'],
    ['effectiveTag=free', '10.0.0.0/8'],
    ['effectiveTag=nowhere', ''],
    [
      'effectiveTag=company&prefixLength__gte=24',
      '10.1.1.0/24 10.1.1.0/25 10.2.1.0/24 2001:db8::/32 2001:db8:1::/48',
    ],
    ['effectiveTag=dmz&effectiveTag=free', '10.0.0.0/8 10.1.0.0/16 10.1.1.0/24 10.1.1.0/25 192.0.2.0/24'],
    ['q=effectiveTag = dmz and not tag = dmz', '10.1.1.0/25'],
    ['q=effectiveTag = company and effectiveTag != dmz and family = 4', '10.0.0.0/8 10.2.0.0/16 10.2.1.0/24'],
    ['q=not effectiveTag in (company, dmz)', '10.1.0.0/16 198.51.100.0/24'],
    ['effectiveTag=company&sort=-cidr&limit=2', '2001:db8:1::/48 2001:db8::/32'],
  ] as const) {
    it(`find subnets by ${query}`, async () => {
      const { items } = await get(`/subnets?${query}`);
      assert.equal(items.map(({ cidr }: { cidr: string }) => cidr).join(' '), wanted);
    });
  }

  for (const [query, wanted] of [
    ['effectiveTag=dmz', '10.1.1.1 10.1.1.200 10.2.1.1'],
    ['effectiveTag=company', '10.1.1.1 10.1.1.200 10.2.1.1 198.51.100.2 2001:db8:1::1'],
    ['effectiveTag=site', '10.1.1.200'],
    ['q=effectiveTag = company and not effectiveTag = dmz', '198.51.100.2 2001:db8:1::1'],
    ['vrf=blue&effectiveTag=dmz', ''],
  ] as const) {
    it(`find addresses by ${query}`, async () => {
      const { items } = await get(`/addresses?${query}`);
      assert.equal(items.map(({ address }: { address: string }) => address).join(' '), wanted);
    });
  }

  it('hold as long as their tag says so, and for what comes between', async () => {
    const engineer = register.as('engineer');
    const { items } = await get('/tags?name=dmz');
    await engineer.patch(`/tags/${items[0].id}`, { inherited: false });
    assert.equal((await get('/subnets?effectiveTag=dmz')).items.length, 3);
    assert.deepEqual((await get(`/subnets/${ids['10.1.1.0/25']}?include=inheritedTags`)).inheritedTags, [
      company(),
    ]);
    await engineer.patch(`/tags/${items[0].id}`, { inherited: true, color: '#000000' });
    const { body } = await engineer.post('/subnets', { cidr: '10.1.1.0/26' });
    const [first] = (await get(`/subnets/${body.id}?include=inheritedTags`)).inheritedTags;
    assert.deepEqual([first.tag, first.color], ['dmz', '#000000']);
  });

  it('are words of the query language, told where they are wrong', async () => {
    const { status, body } = await register.as('viewer').get('/subnets?q=efectiveTag = dmz');
    assert.equal(status, 422);
    assert.match(body.errors[0].message, /did you mean "effectiveTag"/);
    const pools = await register.as('viewer').get('/ranges?effectiveTag=dmz');
    assert.equal(pools.status, 422);
  });
});
