import assert from 'node:assert/strict';
import type { RunQuery } from '#core';
import { type Explainer, openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { firstHolders, heldByDevice } from './holder-list.ts';
import { chosenHolding } from './holders.ts';
import { subnets } from './index.ts';
import { addressList, subnetList } from './listings.ts';
import { primaryAddresses } from './primary.ts';
import { freeSpans, roomySpans } from './queries.ts';
import { createTreeService } from './tree.ts';

/** The tables that grow with the network: none of them may be read from end to end. */
const large = ['subnet', 'subnet_usage', 'free_span', 'address', 'device', 'interface', 'address_assignment'];

/** What is asked, and the indexes that must have answered it; what a list is asked is parsed as a route would. */
type Case = [what: string, ask: (query: RunQuery) => Promise<unknown>, uses: string[]];

const page = (list: typeof subnetList | typeof addressList, parameters: Record<string, string>) => {
  return (query: RunQuery) => list.run(query, list.query.parse(parameters));
};
const ofSubnets = (parameters: Record<string, string>) => page(subnetList, parameters);
const ofAddresses = (parameters: Record<string, string>) => page(addressList, parameters);
const tree = (query: RunQuery) => createTreeService({ db: { query } as never }, subnetList);

describe('PostgreSQL, among 50,000 subnets and 200,000 addresses,', function () {
  this.timeout(120_000);
  let register: TestRegister;
  let explainer: Explainer;
  /** A container of 199 subnets, and one of these, with 4 addresses. */
  let [container, office] = [0, 0];
  let vip = 0;

  before(async () => {
    register = await startTestRegister([subnets], { database: { statementTimeout: 100_000 } });
    await fill(register);
    explainer = await openExplainer(register.databaseUrl);
    const { query } = register.db;
    const of = async (cidr: string) =>
      (await query<{ id: number }>('SELECT id FROM subnet WHERE cidr = $1', [cidr]))[0]?.id ?? 0;
    vip = (await query<{ id: number }>('SELECT max(address_id) AS id FROM address_assignment'))[0]?.id ?? 0;
    [container, office] = [await of('10.7.0.0/16'), await of('10.7.7.0/24')];
  });
  after(async () => {
    await explainer?.end();
    await register?.stop();
  });

  /** A page far inside: behind the first thousand. */
  const deep =
    (list: typeof subnetList | typeof addressList, parameters: Record<string, string> = {}) =>
    async (query: RunQuery) => {
      const first = page(list, { ...parameters, limit: '1000', fields: 'id' });
      const { nextCursor } = await first(register.db.query);
      return page(list, { ...parameters, cursor: String(nextCursor) })(query);
    };

  const cases: Case[] = [
    ['the first page of subnets', ofSubnets({}), ['subnet_cidr_idx', 'subnet_usage_pkey']],
    ['the last page of subnets', ofSubnets({ sort: '-cidr' }), ['subnet_cidr_idx']],
    ['a deep page of subnets', deep(subnetList), ['subnet_cidr_idx']],
    ['subnets by usage', ofSubnets({ sort: '-utilization' }), ['subnet_usage_percent_idx', 'subnet_pkey']],
    [
      'a deep page of subnets by usage',
      deep(subnetList, { sort: '-utilization' }),
      ['subnet_usage_percent_idx'],
    ],
    [
      'full subnets, the fullest first',
      ofSubnets({ utilization__gt: '80', sort: '-utilization' }),
      ['subnet_usage_percent_idx', 'subnet_pkey'],
    ],
    [
      'the same, asked in a query, deep inside',
      deep(subnetList, { q: 'utilization > 80', sort: '-utilization' }),
      ['subnet_usage_percent_idx'],
    ],
    ['full subnets, by address', ofSubnets({ utilization__gt: '99.9' }), ['subnet_usage_percent_idx']],
    ['subnets within a block', ofSubnets({ within: '10.7.0.0/16' }), ['subnet_cidr_idx']],
    ['subnets around an address', ofSubnets({ contains: '10.7.7.7' }), ['subnet_cidr_gist']],
    ['one subnet by its block', ofSubnets({ cidr: '10.7.7.0/24' }), ['subnet_cidr_idx']],
    ['subnets with a tag', ofSubnets({ tag: 't70' }), ['subnet_tags_gin']],
    ['subnets with a part of a name', ofSubnets({ name__contains: 'lab 7777' }), ['subnet_name_trgm']],
    [
      'subnets by tag or name',
      ofSubnets({ q: 'tag = t70 or name contains "lab 7777"' }),
      ['subnet_tags_gin', 'subnet_name_trgm'],
    ],
    [
      'subnets of a block, a VRF, a use and a tag',
      ofSubnets({ q: 'cidr within 10.0.0.0/8 and vrf = global and utilization > 80 and tag = t70' }),
      ['subnet_tags_gin'],
    ],
    ['the subnets of a VLAN', ofSubnets({ vlan: 'default/100' }), ['subnet_vlan_idx']],
    ['subnets with what they refer to', ofSubnets({ include: 'vrf,parent,vlan' }), ['subnet_cidr_idx']],
    ['the top of the tree', (query) => tree(query).tree({}), ['subnet_top_idx']],
    ['three levels of the tree', (query) => tree(query).tree({ depth: 3, limit: 10 }), ['subnet_parent_idx']],
    ['the children of a subnet', (query) => tree(query).children(container, {}), ['subnet_parent_idx']],
    ['what lies above a subnet', (query) => tree(query).ancestors(office), ['subnet_pkey']],
    [
      'a look-up',
      (query) => tree(query).lookup('10.7.7.2', undefined),
      ['subnet_cidr_key', 'subnet_pkey', 'subnet_usage_pkey', 'address_key', 'address_pkey'],
    ],
    ['the longest match', (query) => query("SELECT longest_match(1, '10.7.250.1')"), ['subnet_cidr_key']],
    ['free spans', (query) => query(freeSpans, [office, null, 51]), ['free_span_pkey']],
    [
      'free spans behind an address',
      (query) => query(freeSpans, [office, '10.7.7.2', 51]),
      ['free_span_pkey'],
    ],
    [
      'spans with room for a block',
      (query) => query(roomySpans, [container, null, 200, 24]),
      ['free_span_pkey'],
    ],
    ['the first page of addresses', ofAddresses({}), ['address_key']],
    ['a deep page of addresses', deep(addressList), ['address_key']],
    ['one address', ofAddresses({ address: '10.7.7.2' }), ['address_key']],
    ['addresses within a block', ofAddresses({ within: '10.7.0.0/16' }), ['address_key']],
    [
      'addresses of a block and a state',
      ofAddresses({ q: 'address within 10.7.0.0/16 and status = reserved' }),
      ['address_status_idx'],
    ],
    ['addresses in a rare state', ofAddresses({ status: 'quarantined' }), ['address_status_idx']],
    [
      'addresses with a part of a hostname',
      ofAddresses({ hostname__contains: 'h2.c4ca42' }),
      ['address_hostname_trgm'],
    ],
    [
      'an address by its hostname',
      ofAddresses({ hostname: 'h2.nowhere.example' }),
      ['address_hostname_trgm'],
    ],
    ['an address by its MAC', ofAddresses({ mac: '0000.0000.0102' }), ['address_mac_idx']],
    ['addresses with a tag', ofAddresses({ tag: 't701' }), ['address_tags_gin']],
    [
      'addresses by MAC or hostname',
      ofAddresses({ q: 'mac = 0000.0000.0102 or hostname contains c4ca42' }),
      ['address_mac_idx', 'address_hostname_trgm'],
    ],
    [
      'the addresses of a subnet',
      (query) => addressList.run(query, {}, (bindings) => `a.subnet_id = ${bindings.bind(office)}`),
      ['address_subnet_idx'],
    ],
    ['addresses with what they refer to', ofAddresses({ include: 'vrf,subnet' }), ['address_key']],
    [
      'addresses with their holders',
      ofAddresses({ include: 'device,interface,assignments' }),
      ['address_key', 'device_pkey', 'address_assignment_key'],
    ],
    ['addresses of a device', ofAddresses({ device: 'device 7' }), ['device_name_key', 'address_device_idx']],
    ['addresses of a device by its id', ofAddresses({ deviceId: '7' }), ['address_device_idx']],
    ['addresses of an interface', ofAddresses({ interfaceId: '7' }), ['address_interface_idx']],
    [
      'all that a device holds',
      (query) => addressList.run(query, {}, heldByDevice(7)),
      ['address_device_idx', 'address_assignment_device_idx'],
    ],
    [
      'the holders of an address',
      (query) => firstHolders(query, [{ id: vip }]),
      ['address_pkey', 'address_assignment_key'],
    ],
    [
      'the primary addresses of devices',
      (query) => primaryAddresses.load(query, [{ id: 7 }, { id: 8 }]),
      ['address_primary_key'],
    ],
    [
      'how much a device holds',
      (query) => query('SELECT count(*) FROM held_by(7, NULL)'),
      ['address_device_idx', 'address_assignment_device_idx'],
    ],
    [
      'how much an interface holds',
      (query) => query('SELECT count(*) FROM held_by(NULL, 7)'),
      ['address_interface_idx', 'address_assignment_interface_idx'],
    ],
    [
      'holders by their names',
      (query) => chosenHolding(query, { device: 'device 7', interface: 'eth0' }),
      ['device_name_key'],
    ],
  ];
  for (const [what, ask, uses] of cases) {
    it(`finds ${what} by ${uses.join(', ')}`, async () => {
      const { indexes, scanned } = await explainer.plansOf(ask);
      const used = [...indexes].sort();
      assert.deepEqual(
        uses.filter((index) => !indexes.has(index)),
        [],
        `it used ${used.join(', ') || 'no index'}`,
      );
      assert.deepEqual(
        large.filter((table) => scanned.has(table)),
        [],
        `it read whole tables, and ${used.join(', ')}`,
      );
    });
  }
});

/** By SQL, with counters as if more were in use: what is tested is reading. */
async function fill({ owner: db }: TestRegister): Promise<void> {
  await db.query('INSERT INTO vlan (vid) SELECT 100 + n FROM generate_series(0, 999) n');
  await db.query(
    `INSERT INTO subnet (vrf_id, cidr, status, name)
       SELECT 1, set_masklen('10.0.0.0'::inet + n * 65536::bigint, 16)::cidr, 'container', 'site ' || n
         FROM generate_series(0, 249) n`,
  );
  await db.query(
    `INSERT INTO subnet (vrf_id, cidr, name, vlan_id, tags)
       SELECT 1, set_masklen('10.0.0.0'::inet + n % 250 * 65536::bigint + n / 250 * 256, 24)::cidr, 'lab ' || n,
              (SELECT id FROM vlan WHERE vid = 100 + n % 1000),
              CASE WHEN n % 10 = 0 THEN ARRAY['t' || n % 500] ELSE '{}' END
         FROM generate_series(0, 49749) n`,
  );
  await db.withConnection(async (connection) => {
    await connection.query(
      `INSERT INTO device (name) SELECT 'device ' || n FROM generate_series(1, 20000) n`,
    );
    await connection.query(`INSERT INTO interface (device_id, name) SELECT id, 'eth0' FROM device`);
    await connection.query("SET cadastre.space = 'held'");
    await connection.query(
      `INSERT INTO address (vrf_id, subnet_id, address, status, hostname, mac, tags)
         SELECT s.vrf_id, s.id, first_ip(s.cidr) + n, CASE WHEN s.id % 100 = 0 THEN 'reserved' ELSE 'assigned' END,
                'h' || n || '.' || md5(s.id::text) || '.example', lpad(to_hex(s.id * 256 + n), 12, '0')::macaddr,
                CASE WHEN s.id % 100 = 1 THEN ARRAY['t' || s.id] ELSE '{}' END
           FROM subnet s, generate_series(1, 4) n WHERE s.status <> 'container'`,
    );
    await connection.query(
      `UPDATE address a SET role = 'primary', device_id = d.id, interface_id = i.id
         FROM device d JOIN interface i ON i.device_id = d.id WHERE a.subnet_id = 250 + d.id AND host(a.address) LIKE '%.1'`,
    );
    await connection.query(`UPDATE address SET role = 'vip' WHERE id % 50 = 1 AND device_id IS NULL`);
    await connection.query('RESET cadastre.space');
  });
  await db.query(
    `INSERT INTO address_assignment (address_id, device_id, interface_id)
       SELECT a.id, d.id, i.id FROM (SELECT id, row_number() OVER () AS nth FROM address WHERE role = 'vip') a
         JOIN device d ON d.id % 3900 = a.nth % 3900 JOIN interface i ON i.device_id = d.id`,
  );
  await db.query(
    'UPDATE subnet_usage SET taken = trunc(total * mod(subnet_id * 7919, 1000) / 1000) WHERE child_count = 0',
  );
  await db.query(
    'VACUUM ANALYZE vlan, subnet, subnet_usage, free_span, address, vrf, device, interface, address_assignment',
  );
}
