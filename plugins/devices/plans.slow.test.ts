import assert from 'node:assert/strict';
import type { RunQuery } from '#core';
import { type Explainer, openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { devices } from './index.ts';

/** What is asked of a list, as a route would, and the index that must have answered it. */
type Case = [what: string, list: 'devices' | 'interfaces', query: Record<string, string>, index: string];

describe('PostgreSQL, among 30,000 devices and 150,000 interfaces,', function () {
  this.timeout(120_000);
  let register: TestRegister;
  let explainer: Explainer;

  before(async () => {
    register = await startTestRegister([devices], { database: { statementTimeout: 100_000 } });
    const { owner } = register;
    await owner.query(`INSERT INTO site (name) SELECT 'Site ' || n FROM generate_series(1, 300) n`);
    await owner.query(`INSERT INTO device (name, type, vendor, model, serial, asset_tag, status, site_id, tags, description)
      SELECT 'sw-' || n, CASE n % 100 WHEN 0 THEN 'router' ELSE 'switch' END, 'Cisco', 'C' || n % 500, 'FOC' || n, 'IT-' || n,
             CASE n % 1000 WHEN 0 THEN 'failed' ELSE 'active' END, 1 + n % 300,
             CASE n % 700 WHEN 0 THEN '{spine}'::text[] ELSE '{}' END, 'rack ' || md5(n::text)
        FROM generate_series(1, 30000) n`);
    await owner.query(`INSERT INTO interface (device_id, name, mac)
      SELECT d.id, 'Gi1/0/' || p, ('02' || lpad(to_hex(d.id * 100 + p), 10, '0'))::macaddr
        FROM device d, generate_series(1, 5) p`);
    // VACUUM, too: an index of trigrams whose new entries still wait in its list is not worth a look.
    await owner.query('VACUUM ANALYZE device, interface, site');
    explainer = await openExplainer(register.databaseUrl);
  });
  after(async () => {
    await explainer?.end();
    await register?.stop();
  });

  const cases: Case[] = [
    ['the first page of devices', 'devices', {}, 'device_name_idx'],
    ['the last page of devices', 'devices', { sort: '-name' }, 'device_name_idx'],
    ['devices of a site', 'devices', { site: 'Site 7' }, 'device_site_idx'],
    ['devices of a type', 'devices', { type: 'router' }, 'device_type_idx'],
    ['devices of a model', 'devices', { model: 'C77' }, 'device_model_idx'],
    ['devices that failed', 'devices', { status: 'failed' }, 'device_status_idx'],
    ['a device by its name', 'devices', { name: 'sw-777' }, 'device_name_key'],
    ['a device by a part of its name', 'devices', { name__contains: 'w-7777' }, 'device_name_trgm'],
    ['a device by its serial number', 'devices', { serial: 'FOC777' }, 'device_serial_idx'],
    ['a device by its asset tag', 'devices', { assetTag: 'IT-777' }, 'device_asset_tag_key'],
    [
      'a device by its description',
      'devices',
      { description__contains: 'e4da3b7fbbce2345' },
      'device_description_trgm',
    ],
    ['devices with a tag', 'devices', { tag: 'spine' }, 'device_tags_gin'],
    ['a device by the MAC of an interface', 'devices', { mac: '0200.0000.4e20' }, 'interface_mac_idx'],
    ['devices with their interfaces', 'devices', { include: 'interfaces,site' }, 'interface_device_idx'],
    ['the first page of interfaces', 'interfaces', {}, 'interface_name_idx'],
    ['interfaces of a device', 'interfaces', { device: 'sw-777' }, 'interface_device_idx'],
    ['an interface by its MAC', 'interfaces', { mac: '0200.0000.4e20' }, 'interface_mac_idx'],
  ];
  for (const [what, name, parameters, index] of cases) {
    it(`finds ${what} by ${index}`, async () => {
      const list = register.host.api(devices)[name].listing;
      const ask = (query: RunQuery) => list.run(query, list.query.parse(parameters) as never);
      const { indexes, scanned } = await explainer.plansOf(ask);
      assert.ok(indexes.has(index), `it used ${[...indexes].join(', ')}`);
      assert.deepEqual([scanned.has('device'), scanned.has('interface')], [false, false]);
    });
  }

  it('shows a thousand devices with five thousand interfaces in less than a second', async () => {
    const began = performance.now();
    const { body } = await register.as('viewer').get('/devices?include=interfaces,site&limit=1000');
    assert.equal(body.items.at(-1).interfaces.items.length, 5);
    assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
  });

  it('deletes a device with a thousand interfaces in less than a second', async () => {
    const [device] = await register.owner.query<{ id: number }>(`SELECT id FROM device WHERE name = 'sw-5'`);
    const id = device?.id ?? 0;
    await register.owner.query(
      `INSERT INTO interface (device_id, name) SELECT $1, 'Gi2/0/' || n FROM generate_series(1, 1000) n`,
      [id],
    );
    const began = performance.now();
    assert.equal((await register.as('engineer').delete(`/devices/${id}`)).status, 204);
    assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
  });
});
