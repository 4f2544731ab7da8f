import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { devices } from './index.ts';

type Answered = { status: number; body: Record<string, unknown> & { type?: string } };
type Named = { name: string };

describe('devices', () => {
  let register: TestRegister;
  let oslo: number;
  before(async () => {
    register = await startTestRegister([devices]);
    oslo = (await register.as('admin').post('/sites', { name: 'Oslo' })).body.id;
    await register.as('admin').post('/sites', { name: 'Rome' });
  });
  after(() => register.stop());
  afterEach(() => register.db.query('DELETE FROM device'));

  const engineer = () => register.as('engineer');
  const add = async (body: object) => {
    const answer = await engineer().post('/devices', body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const plug = async (device: number, body: object) => {
    const answer = await engineer().post(`/devices/${device}/interfaces`, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const names = async (query: string) => {
    const answer = await engineer().get(`/devices?${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body.items as Named[]).map(({ name }) => name).join(' ');
  };
  const refusal = ({ status, body }: Answered) => `${status} ${body.type?.split(':').at(-1)} ${body.detail}`;
  const faults = ({ status, body }: Answered) => [
    status,
    ...((body.errors ?? []) as { path: string; message: string }[]).map(
      ({ path, message }) => `${path}: ${message}`,
    ),
  ];

  it('are what was said of them, active unless told, and nothing that was not said', async () => {
    const { id, createdAt, updatedAt, ...device } = await add({
      name: ' core-1 ',
      type: 'router',
      vendor: 'Juniper',
      model: 'MX204',
      serial: 'AB123',
      assetTag: 'IT-0042',
      site: 'Oslo',
      tags: ['core'],
    });
    assert.deepEqual(device, {
      name: 'core-1',
      type: 'router',
      vendor: 'Juniper',
      model: 'MX204',
      serial: 'AB123',
      assetTag: 'IT-0042',
      siteId: oslo,
      status: 'active',
      description: null,
      tags: ['core'],
      metadata: {},
      customFields: {},
      version: 1,
      createdBy: device.createdBy,
      updatedBy: device.updatedBy,
    });
    const bare = await add({ name: 'vm-7' });
    assert.deepEqual([bare.type, bare.siteId, bare.serial, bare.status], [null, null, null, 'active']);
    const { body, headers } = await engineer().get(`/devices/${id}`);
    assert.deepEqual(body, { id, createdAt, updatedAt, ...device });
    assert.ok(headers.etag);
  });

  it('are found by each thing that is known of them', async () => {
    const core = await add({
      name: 'core-1',
      type: 'router',
      vendor: 'Juniper',
      model: 'MX204',
      siteId: oslo,
    });
    await add({ name: 'web-1', type: 'server', serial: 'S-9', assetTag: 'A-9', site: 'Rome', tags: ['dmz'] });
    await add({ name: 'spare', status: 'inventory', description: 'On the shelf' });
    await plug(core.id, { name: 'ge-0/0/0', mac: '00:1A:2B:3C:4D:5E' });
    for (const [query, expected] of [
      ['name=core-1', 'core-1'],
      ['name__contains=E', 'core-1 spare web-1'],
      ['type=router', 'core-1'],
      ['vendor=Juniper', 'core-1'],
      ['model=MX204', 'core-1'],
      ['serial=S-9', 'web-1'],
      ['assetTag=A-9', 'web-1'],
      ['status=inventory', 'spare'],
      ['status=active&sort=-name', 'web-1 core-1'],
      ['site=Oslo', 'core-1'],
      [`site=${oslo}`, 'core-1'],
      [`siteId=${oslo}`, 'core-1'],
      ['site__empty=true', 'spare'],
      ['site=Atlantis', ''],
      ['tag=dmz', 'web-1'],
      ['description__contains=shelf', 'spare'],
      ['mac=001a.2b3c.4d5e', 'core-1'],
      ['mac=00-1a-2b-3c-4d-5e', 'core-1'],
      ['mac=001A2B3C4D5E', 'core-1'],
      ['mac=00:00:00:00:00:01', ''],
      ['mac=00:00:00:00:00:01&mac=001a2b3c4d5e', 'core-1'],
      [`q=${encodeURIComponent('type = server or mac = 001a.2b3c.4d5e')}`, 'core-1 web-1'],
    ] as const)
      assert.equal(await names(query), expected, query);
    assert.deepEqual(faults(await engineer().get('/devices?mac=00:1a')), [
      422,
      'query.mac: "00:1a" is not a MAC address: 12 hexadecimal digits, as in 00:1a:2b:3c:4d:5e.',
    ]);
  });

  it('are listed as people count, whatever the size of the page', async () => {
    for (const name of ['core-10', 'core-2', 'Core-3', 'core-1']) await add({ name });
    assert.equal(await names(''), 'core-1 core-2 Core-3 core-10');
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await engineer().get(`/devices?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...(body.items as Named[]).map(({ name }) => name));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    assert.deepEqual(seen, ['core-1', 'core-2', 'Core-3', 'core-10']);
  });

  it('are told apart by name, by serial number of a vendor, and by asset tag', async () => {
    await add({ name: 'a', vendor: 'Cisco', serial: 'FOC1', assetTag: '7' });
    await add({ name: 'b', vendor: 'Arista', serial: 'FOC1' });
    await add({ name: 'c' });
    await add({ name: 'd' });
    const post = async (body: object) => refusal(await engineer().post('/devices', body));
    assert.equal(
      await post({ name: 'a' }),
      '409 device-taken There is a device of this name; choose another.',
    );
    assert.match(
      await post({ name: 'e', vendor: 'CISCO', serial: 'foc1' }),
      /^409 device-taken A device of this vendor/,
    );
    assert.match(await post({ name: 'e', assetTag: '7' }), /^409 device-taken .*asset tag/);
    assert.match(
      refusal(await engineer().patch(`/devices/${(await add({ name: 'f' })).id}`, { name: 'a' })),
      /^409 device-taken/,
    );
  });

  it('are refused with all that is wrong, and what would be right', async () => {
    const wrong = await engineer().post('/devices', {
      name: '4711',
      status: 'broken',
      colour: 'red',
      serial: ' ',
    });
    assert.equal(wrong.status, 422);
    const paths = (wrong.body.errors as { path: string }[]).map(({ path }) => path).sort();
    assert.deepEqual(paths, ['body.colour', 'body.name', 'body.serial', 'body.status']);
    assert.match(JSON.stringify(wrong.body.errors), /digits alone/);
    assert.match(
      JSON.stringify(faults(await engineer().post('/devices', { name: 'x', site: 'Atlantis' }))),
      /422.*Atlantis/,
    );
    assert.match(
      JSON.stringify(faults(await engineer().post('/devices', { name: 'x', siteId: 999_999 }))),
      /422/,
    );
    const psql = new pg.Client({ connectionString: register.databaseUrl });
    await psql.connect();
    await assert.rejects(psql.query(`INSERT INTO device (name) VALUES ('4711')`), /device_name_check/);
    await assert.rejects(
      psql.query(`INSERT INTO device (name, status) VALUES ('x', 'broken')`),
      /device_status_check/,
    );
    await psql.end();
  });

  it('change by who knows the current version, and move between sites', async () => {
    const { id } = await add({ name: 'core-1', site: 'Oslo' });
    const { status, body } = await engineer().patch(`/devices/${id}`, { site: null, status: 'offline' });
    assert.deepEqual([status, body.siteId, body.status, body.version], [200, null, 'offline', 2]);
    const late = await engineer().patch(`/devices/${id}`, { name: 'x' }, { 'If-Match': '"1"' });
    assert.equal(late.status, 412);
    const many = await engineer().patch('/devices', [{ id, site: 'Rome' }]);
    assert.equal(many.status, 200, JSON.stringify(many.body));
    const dry = await engineer().delete(`/devices/${id}?dryRun=true`);
    assert.equal(dry.status, 204);
    assert.equal(await names(''), 'core-1');
    assert.equal((await engineer().delete(`/devices/${id}`, undefined, { 'If-Match': '"1"' })).status, 412);
    assert.equal((await engineer().delete(`/devices/${id}`, undefined, { 'If-Match': '"3"' })).status, 204);
    assert.equal((await engineer().get(`/devices/${id}`)).status, 404);
    assert.equal((await register.as('viewer').post('/devices', { name: 'x' })).status, 403);
  });

  it('show their site and the first of their interfaces when asked, with one statement for each', async () => {
    const core = await add({ name: 'core-1', site: 'Oslo' });
    await add({ name: 'core-2' });
    const ports = Array.from({ length: 103 }, (_, n) => ({ name: `Gi1/0/${103 - n}` }));
    await plug(core.id, ports);
    const { body } = await engineer().get('/devices?include=site,interfaces');
    const [first, second] = body.items;
    assert.deepEqual([first.site.name, second.site], ['Oslo', null]);
    assert.deepEqual(second.interfaces, { items: [], nextCursor: null });
    assert.deepEqual(
      first.interfaces.items.map(({ name }: Named) => name),
      ports
        .map(({ name }) => name)
        .reverse()
        .slice(0, 100),
    );
    const rest = await engineer().get(`/devices/${core.id}/interfaces?cursor=${first.interfaces.nextCursor}`);
    assert.deepEqual(
      rest.body.items.map(({ name }: Named) => name),
      ['Gi1/0/101', 'Gi1/0/102', 'Gi1/0/103'],
    );
    const one = await engineer().get(`/devices/${core.id}?include=site,interfaces`);
    assert.deepEqual([one.body.site.name, one.body.interfaces.items.length], ['Oslo', 100]);
  });

  it('keep their site from being deleted', async () => {
    await add({ name: 'core-1', site: 'Oslo' });
    const refused = await register.as('admin').delete(`/sites/${oslo}`);
    assert.match(refusal(refused), /^409 [a-z-]+ 1 device stands at this site; move it to another first\./);
  });
});
