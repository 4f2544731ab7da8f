import assert from 'node:assert/strict';
import { type Client, startTestRegister, type TestRegister } from '#core/testing';
import { allocation } from '#plugins/allocation';
import { devices } from '#plugins/devices';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { vlans } from '#plugins/vlans';
import { search } from './index.ts';
import { createSearch } from './service.ts';

interface Found {
  entity: string;
  id: number;
  title: string;
  context: Record<string, string>;
  matched: string;
  match: string;
  rank: number;
  href: string | null;
}

describe('GET /search', () => {
  let register: TestRegister;
  let viewer: Client;
  before(async () => {
    register = await startTestRegister([users, devices, vlans, subnets, allocation, search]);
    viewer = register.as('viewer');
    const engineer = register.as('engineer');
    const add = async (path: string, body: object) => {
      const answer = await engineer.post(path, body);
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
    };
    await add('/vrfs', { name: 'blue', rd: '64512:120', description: 'Customers of the blue network' });
    await add('/subnets', [
      { cidr: '10.0.0.0/8', status: 'container', name: 'Everything' },
      { cidr: '10.20.0.0/16', name: 'Berlin', tags: ['dmz'] },
      { cidr: '10.20.30.0/24', name: 'Berlin lab', description: 'Benches of the third floor' },
      { cidr: '10.20.30.0/25', name: 'vlan 120' },
      { cidr: '2001:db8::/32', name: 'Berlin six' },
      { cidr: '2001:db8:1::/64' },
    ]);
    await add('/subnets', { cidr: '10.20.0.0/16', vrf: 'blue', name: 'Blue Berlin' });
    await add('/ranges', { start: '10.20.30.100', end: '10.20.30.120', purpose: 'dhcp' });
    await add('/addresses', [
      { address: '10.20.30.9', hostname: 'web-01.example.net', mac: '00:1b:21:aa:bb:cc', tags: ['dmz'] },
      { address: '10.20.30.10', hostname: 'web-010.example.net', mac: '00:1b:21:aa:bb:cd' },
      { address: '10.20.30.110', hostname: 'Printer_50.example.net' },
      { address: '2001:db8:1::9', hostname: 'web-01-six.example.net' },
    ]);
    await add('/addresses', { address: '10.20.30.9', vrf: 'blue' });
    const { body } = await engineer.get('/subnets?cidr=10.20.30.0/24');
    await add('/sites', { name: 'Oslo' });
    await add('/vlan-groups', { name: 'Oslo access', site: 'Oslo' });
    await add('/vlans', { group: 'Oslo access', vid: 120, name: 'Office', role: 'clients' });
    await add('/devices', {
      name: 'core-1.oslo',
      serial: 'BB4711',
      assetTag: 'A-77',
      type: 'router',
      site: 'Oslo',
    });
    const { body: device } = await engineer.get('/devices?name=core-1.oslo');
    await add(`/devices/${device.items[0].id}/interfaces`, { name: 'ge-0/0/1', mac: '0004.f2aa.bbcc' });
    await add('/subnets', { cidr: '198.51.100.0/24' });
    await add('/addresses', { address: '198.51.100.77', device: 'core-1.oslo' });
    await add('/pools', { name: 'Berlin pool', members: [body.items[0].id] });
  });
  after(() => register.stop());

  async function find(q: string, more = '', as = viewer): Promise<Found[]> {
    const { status, body } = await as.get(`/search?q=${encodeURIComponent(q)}${more}`);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.cut, []);
    return body.items;
  }
  const told = async (q: string, more = '') =>
    (await find(q, more)).map(({ match, title, context }) => `${match} ${title} ${context.vrf ?? ''}`.trim());

  it('finds an address first, then what holds it, the narrowest first, in every VRF', async () => {
    assert.deepEqual(await told('10.20.30.9'), [
      'exact 10.20.30.9 global',
      'exact 10.20.30.9 blue',
      'contains 10.20.30.0/25 global',
      'contains 10.20.30.0/24 global',
      'contains 10.20.0.0/16 global',
      'contains 10.20.0.0/16 blue',
      'contains 10.0.0.0/8 global',
    ]);
    assert.deepEqual(await told('2001:DB8:1:0::9'), [
      'exact 2001:db8:1::9 global',
      'contains 2001:db8:1::/64 global',
      'contains 2001:db8::/32 global',
    ]);
  });

  it('tells what a record is called, what it belongs to and where it is served', async () => {
    const [first] = await find('10.20.30.9');
    assert.deepEqual(first, {
      entity: 'address',
      id: first?.id,
      title: '10.20.30.9',
      context: { hostname: 'web-01.example.net', vrf: 'global', subnet: '10.20.30.0/25' },
      matched: 'address',
      match: 'exact',
      rank: first?.rank,
      href: `/api/v1/addresses/${first?.id}`,
    });
    const record = await viewer.get(String(first?.href).replace('/api/v1', ''));
    assert.equal(record.body.address, '10.20.30.9');
  });

  it('tells of an address that nobody registered where it lies, ranges before subnets', async () => {
    assert.deepEqual((await told('10.20.30.105')).slice(0, 2), [
      'contains 10.20.30.100 global',
      'contains 10.20.30.0/25 global',
    ]);
    assert.deepEqual(await told('192.0.2.1'), []);
  });

  it('finds a block, what holds it and what lies inside it in the order of addresses', async () => {
    const found = [
      'exact 10.20.30.0/24 global',
      'contains 10.20.0.0/16 global',
      'contains 10.20.0.0/16 blue',
      'contains 10.0.0.0/8 global',
      'inside 10.20.30.0/25 global',
      'inside 10.20.30.100 global',
      'inside 10.20.30.9 global',
      'inside 10.20.30.9 blue',
      'inside 10.20.30.10 global',
      'inside 10.20.30.110 global',
    ];
    for (const typed of ['10.20.30.0/24', '10.20.30', '10.20.30.', '10.20.30.*', '10.20.30/24'])
      assert.deepEqual(await told(typed), found, typed);
    assert.deepEqual((await told('10.20.30.9/24')).slice(0, 3), [
      'exact 10.20.30.9 global',
      'exact 10.20.30.9 blue',
      'exact 10.20.30.0/24 global',
    ]);
    assert.deepEqual(await told('2001:db8:'), [
      'exact 2001:db8::/32 global',
      'inside 2001:db8:1::/64 global',
      'inside 2001:db8:1::9 global',
    ]);
  });

  it('finds a MAC address in any notation, and by how it begins', async () => {
    for (const typed of [
      '00:1b:21:aa:bb:cc',
      '00-1B-21-AA-BB-CC',
      '001b.21aa.bbcc',
      '001b21aabbcc',
      '001B21-AABBCC',
      '001b:21aa:bbcc',
    ])
      assert.deepEqual(await told(typed), ['exact 10.20.30.9 global'], typed);
    for (const typed of ['00:1b:21', '00-1b-21-', '001b.21', '001B21', '00:1b:21:a', '001b21:aabb'])
      assert.deepEqual(await told(typed), ['prefix 10.20.30.9 global', 'prefix 10.20.30.10 global'], typed);
    assert.equal((await find('00:1b:21'))[0]?.matched, 'mac');
    assert.deepEqual(await told('00:1b:22'), []);
  });

  it('finds a name: all of it, its first label, how it begins, a part of it, in any case', async () => {
    assert.deepEqual(await told('WEB-01.example.net'), ['exact 10.20.30.9 global']);
    assert.deepEqual(await told('web-01'), [
      'label 10.20.30.9 global',
      'prefix 2001:db8:1::9 global',
      'prefix 10.20.30.10 global',
    ]);
    assert.deepEqual(
      (await find('berlin')).map(({ entity, match, title, context }) => [
        entity,
        match,
        context.name ?? title,
      ]),
      [
        ['subnet', 'exact', 'Berlin'],
        ['subnet', 'prefix', 'Berlin lab'],
        ['pool', 'prefix', 'Berlin pool'],
        ['subnet', 'prefix', 'Berlin six'],
        ['subnet', 'part', 'Blue Berlin'],
      ],
    );
    assert.deepEqual(await told('we'), [
      'prefix 2001:db8:1::9 global',
      'prefix 10.20.30.9 global',
      'prefix 10.20.30.10 global',
    ]);
    assert.equal((await told('example.net')).length, 4);
    assert.deepEqual(await told('bl'), ['prefix blue', 'prefix 10.20.0.0/16 blue']);
  });

  it('finds a VLAN by its VID, also with its group as the register writes it', async () => {
    const engineer = register.as('engineer');
    for (const name of ['oslo/1', 'bergen']) {
      await engineer.post('/vlan-groups', { name });
      await engineer.post('/vlans', { group: name, vid: 3120, name: 'Cameras' });
    }
    const groups = async (q: string) =>
      (await find(q, '&entity=vlan')).map(({ match, context }) => `${match} ${context.group}/${context.vid}`);
    assert.deepEqual(await groups('vlan 3120'), ['exact oslo/1/3120', 'exact bergen/3120']);
    assert.deepEqual(await groups('Bergen/3120'), ['exact bergen/3120']);
    assert.deepEqual(await groups('oslo/1/3120'), ['exact oslo/1/3120']);
    for (const none of ['berge/3120', 'bergen/312', 'bergen/03120x', "'/3120"])
      assert.deepEqual(await groups(none), [], none);
  });

  it('puts what is called so before what only has it in its host name', async () => {
    await register.as('engineer').post('/devices', { name: 'osl-printer_50' });
    assert.deepEqual(
      (await find('ter_50')).map(({ entity }) => entity),
      ['device', 'address'],
    );
    await register.db.query("DELETE FROM device WHERE name = 'osl-printer_50'");
  });

  it('takes what was typed for what it is, not for a pattern', async () => {
    assert.deepEqual(await told('ter_50'), ['part 10.20.30.110 global']);
    for (const nothing of [
      '%%%',
      '___',
      'web%01',
      "'; DROP TABLE subnet",
      '\\\\\\',
      '::::',
      '1/2/3',
      '😀😀😀',
    ])
      assert.deepEqual(await told(nothing), [], nothing);
  });

  it('finds a route distinguisher, a tag and free text', async () => {
    assert.deepEqual(await told('64512:120'), ['exact blue']);
    assert.deepEqual(await told('dmz'), ['tag 10.20.30.9 global', 'tag 10.20.0.0/16 global']);
    assert.deepEqual(await told('tag:DMZ'), ['tag 10.20.30.9 global', 'tag 10.20.0.0/16 global']);
    assert.deepEqual(await told('third floor'), ['text 10.20.30.0/24 global']);
  });

  it('finds devices, interfaces and VLANs by what tells them, with what they belong to', async () => {
    const found = async (q: string) =>
      (await find(q)).map(({ entity, match, matched, title, context }) => [
        entity,
        match,
        matched,
        title,
        context,
      ]);
    const device = ['device', 'exact', 'serial', 'core-1.oslo', { type: 'router', site: 'Oslo' }];
    assert.deepEqual(await found('bb4711'), [device]);
    assert.deepEqual(await found('a-77'), [device.with(2, 'assetTag')]);
    assert.deepEqual(await found('core-1'), [device.with(1, 'label').with(2, 'name')]);
    assert.deepEqual(await found('00:04:F2:AA:BB:CC'), [
      ['interface', 'exact', 'mac', 'ge-0/0/1', { device: 'core-1.oslo' }],
    ]);
    const vlan = ['vlan', 'exact', 'vid', 'Office', { vid: '120', group: 'Oslo access' }];
    assert.deepEqual(
      (await found('vlan 120')).filter(([entity]) => entity === 'vlan'),
      [vlan],
    );
    assert.deepEqual((await found('120'))[0], vlan);
    assert.deepEqual(await found('device 120'), []);
    const [address] = await find('198.51.100.77');
    assert.equal(address?.context.device, 'core-1.oslo');
  });

  it('shows each only what they may read, and nobody a refusal', async () => {
    await register.db.query(
      `INSERT INTO app_user (email, name, role, password_hash) VALUES ('paula@example.net', 'Paula', 'viewer', 'x')`,
    );
    assert.deepEqual(
      (await find('paula', '', register.as('engineer'))).map(({ entity, title }) => [entity, title]),
      [['user', 'paula@example.net']],
    );
    assert.deepEqual(await find('paula'), []);
    assert.equal((await register.anonymous.get('/search?q=paula')).status, 401);
  });

  it('finds only the kinds asked for, and tells of one that is none', async () => {
    assert.deepEqual(
      (await find('berlin', '&entity=pool&entity=vrf')).map(({ entity }) => entity),
      ['pool'],
    );
    const { status, body } = await viewer.get('/search?q=berlin&entity=planet');
    assert.deepEqual([status, body.errors[0].path], [422, 'query.entity']);
    assert.match(body.errors[0].message, /^"planet" is no kind .* subnet/);
  });

  it('pages through the results, each once, in order', async () => {
    const whole = await find('10.20.30.0/24');
    const paged: Found[] = [];
    let cursor = '';
    do {
      const { body } = await viewer.get(`/search?q=10.20.30.0/24&limit=3${cursor}`);
      paged.push(...body.items);
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor);
    assert.deepEqual(paged, whole);
  });

  it('refuses an empty term, one that is too long, and a cursor that is none, by name', async () => {
    for (const [path, said] of [
      ['/search', /q/],
      ['/search?q=', /It is empty; say what to look for/],
      ['/search?q=%20', /It is empty/],
      [`/search?q=${'x'.repeat(256)}`, /too long: a term has at most 255/],
      ['/search?q=a&limit=0', /limit/],
      ['/search?q=a&cursor=nonsense', /no?t? a cursor/],
      ['/search?q=a&sort=title', /sort/],
    ] as const) {
      const { status, body } = await viewer.get(path);
      assert.deepEqual([status, body.type], [422, 'urn:cadastre:error:invalid'], path);
      assert.match(JSON.stringify(body.errors), said);
    }
  });

  it('asks two statements, whatever is found', async () => {
    const { query } = register.db;
    let statements = 0;
    const counting = {
      ...register.db,
      query: ((statement, values) => {
        statements += 1;
        return query(statement, values);
      }) as typeof query,
    };
    const api = createSearch({ db: counting, registry: () => register.host.registry });
    await api.search(
      { q: 'sizes are read once a minute' },
      { principal: { role: 'admin' }, allows: () => true },
    );
    const searcher = { principal: { role: 'admin' as const }, allows: () => true };
    for (const [q, most] of [
      ['10.20.30.9', 2],
      ['berlin', 2],
      ['120', 2],
      ['nothing at all', 1],
    ] as const) {
      statements = 0;
      await api.search({ q }, searcher);
      assert.ok(statements <= most, `${q}: ${statements}`);
    }
  });
});
