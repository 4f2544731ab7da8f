import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestRegister, type TestRegister } from '#core/testing';
import { subnets } from './index.ts';

describe('include', () => {
  let register: TestRegister;
  const ids: Record<string, number> = {};
  before(async () => {
    register = await startTestRegister([subnets]);
    const engineer = register.as('engineer');
    ids.blue = (await engineer.post('/vrfs', { name: 'blue' })).body.id;
    for (const [name, cidr] of Object.entries({
      top: '10.0.0.0/8',
      office: '10.1.0.0/16',
      lab: '10.1.2.0/24',
    }))
      ids[name] = (await engineer.post('/subnets', { cidr, name, vrf: 'blue' })).body.id;
    await engineer.post('/subnets', { cidr: '10.0.0.0/8' });
    ids.router = (await engineer.post('/devices', { name: 'router' })).body.id;
    await engineer.post(`/devices/${ids.router}/interfaces`, { name: 'eth0' });
    for (const address of ['10.1.2.1', '10.1.2.2', '10.1.0.1']) {
      const body = { address, vrf: 'blue', device: 'router', interface: 'eth0' };
      ids[address] = (await engineer.post('/addresses', body)).body.id;
    }
  });
  after(() => register.stop());

  const get = (path: string) => register.as('viewer').get(path);
  const blue = () => ({ id: ids.blue, name: 'blue' });
  const reference = (name: string, cidr: string) => ({ id: ids[name], cidr, name, status: 'active' });

  /** How many statements the database was asked while `work` ran; what a fresh connection begins with is text, and not counted. */
  async function statements(work: () => Promise<unknown>): Promise<number> {
    const { prototype } = pg.Client;
    const { query } = prototype;
    let count = 0;
    prototype.query = function (this: pg.Client, ...call: unknown[]) {
      if (typeof call[0] === 'object') count += 1;
      return Reflect.apply(query, this, call);
    } as never;
    await work();
    prototype.query = query;
    return count;
  }

  it('embeds the VRF and the parent in subnets', async () => {
    const { body } = await get('/subnets?include=vrf,parent&fields=cidr');
    const global = { id: 1, name: 'global' };
    assert.deepEqual(body.items, [
      { cidr: '10.0.0.0/8', vrf: blue(), parent: null },
      { cidr: '10.0.0.0/8', vrf: global, parent: null },
      { cidr: '10.1.0.0/16', vrf: blue(), parent: reference('top', '10.0.0.0/8') },
      { cidr: '10.1.2.0/24', vrf: blue(), parent: reference('office', '10.1.0.0/16') },
    ]);
  });

  it('embeds the VRF and the subnet in addresses', async () => {
    const { body } = await get(`/addresses?include=subnet,vrf&sort=-address&limit=2`);
    assert.deepEqual(
      body.items.map(({ address, vrf, subnet }: Record<string, unknown>) => ({ address, vrf, subnet })),
      ['10.1.2.2', '10.1.2.1'].map((address) => ({
        address,
        vrf: blue(),
        subnet: reference('lab', '10.1.2.0/24'),
      })),
    );
    assert.equal(body.items[0].subnetId, ids.lab);
  });

  it('embeds in one record as well, whole or in fields, and leaves its ETag', async () => {
    const subnet = await get(`/subnets/${ids.lab}?include=parent`);
    assert.deepEqual(subnet.body.parent, reference('office', '10.1.0.0/16'));
    assert.equal(subnet.body.vrf, undefined);
    assert.equal(subnet.headers.etag, '"1"');
    const address = await get(`/addresses/${ids['10.1.0.1']}?include=vrf,subnet&fields=address`);
    assert.deepEqual(address.body, {
      address: '10.1.0.1',
      vrf: blue(),
      subnet: reference('office', '10.1.0.0/16'),
    });
  });

  it('costs one statement for each, however many rows', async () => {
    for (const [path, wanted] of [
      ['/subnets', 1],
      ['/subnets?include=vrf', 2],
      ['/subnets?include=vrf,parent&q=vrf=blue', 3],
      ['/subnets?include=vrf,parent&count=exact', 4],
      ['/addresses', 1],
      ['/addresses?include=vrf,subnet', 3],
      [`/subnets/${ids.lab}/addresses`, 2],
      [`/subnets/${ids.lab}/addresses?include=vrf,subnet`, 4],
      ['/addresses?include=device,interface,assignments', 4],
      [`/devices/${ids.router}/addresses?include=assignments`, 3],
      [`/addresses/${ids['10.1.2.1']}/assignments`, 2],
      ['/devices?include=primaryAddresses', 2],
      [`/subnets/${ids.office}/children?include=parent`, 3],
      [`/subnets/${ids.lab}`, 1],
      [`/subnets/${ids.lab}?include=vrf,parent`, 3],
      [`/addresses/${ids['10.1.2.1']}?include=vrf,subnet`, 3],
      ['/subnets/tree?depth=1', 1],
      ['/subnets/tree?depth=3', 3],
      ['/lookup/10.1.2.1', 2],
      ['/lookup/192.0.2.1', 1],
    ] as const) {
      assert.equal(await statements(() => get(path)), wanted, path);
    }
  });

  for (const [path, message] of [
    ['/subnets?include=vfr', '"vfr" is not possible here; did you mean vrf?'],
    ['/subnets?include=subnet', '"subnet" is not possible here; it takes vrf, parent, vlan.'],
    ['/addresses?include=', '"" is not possible here; did you mean vrf or subnet or device?'],
    [
      '/addresses/1?include=parent',
      '"parent" is not possible here; it takes vrf, subnet, device, interface, assignments.',
    ],
  ] as const) {
    it(`refuses ${path}`, async () => {
      const { status, body } = await get(path);
      assert.deepEqual(
        [status, body.errors[0].path, body.errors[0].message],
        [422, 'query.include', message],
      );
    });
  }

  it('stands in the API docs with what it embeds', async () => {
    const document = (await (await fetch(`${register.url}/api/openapi.json`)).json()) as {
      paths: Record<string, { get: { responses: { 200: unknown } } }>;
      components: { schemas: Record<string, unknown> };
    };
    for (const path of ['/addresses', '/addresses/{id}', '/subnets/{id}/addresses']) {
      const reply = JSON.stringify(document.paths[path]?.get.responses[200]);
      const [, name = ''] = /"#\/components\/schemas\/(Address\w*)"/.exec(reply) ?? [];
      const record = JSON.stringify(document.components.schemas[name]);
      assert.match(record, /"subnet":.*"#\/components\/schemas\/SubnetReference"/, path);
      assert.match(record, /"hostname":/, path);
    }
  });
});
