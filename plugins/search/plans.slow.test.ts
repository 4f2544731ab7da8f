import assert from 'node:assert/strict';
import { type Explainer, openExplainer, startTestRegister, type TestRegister } from '#core/testing';
import { devices } from '#plugins/devices';
import { subnets } from '#plugins/subnets';
import { vlans } from '#plugins/vlans';
import { search } from './index.ts';
import { createSearch } from './service.ts';

/** The tables that grow with the network: none of them may be read from end to end. */
const large = ['subnet', 'address', 'device', 'interface', 'vlan'];

type Case = [term: string, finds: number, uses: string[]];

describe('PostgreSQL, among 200,000 addresses and 50,000 devices, searches', function () {
  this.timeout(180_000);
  let register: TestRegister;
  let explainer: Explainer;

  before(async () => {
    register = await startTestRegister([vlans, devices, subnets, search], {
      database: { statementTimeout: 100_000 },
    });
    await fill(register);
    explainer = await openExplainer(register.databaseUrl);
  });
  after(async () => {
    await explainer?.end();
    await register?.stop();
  });

  const cases: Case[] = [
    ['10.7.7.2', 3, ['address_key', 'subnet_cidr_gist']],
    ['10.7.7.0/24', 6, ['subnet_cidr_gist', 'subnet_cidr_idx', 'address_key']],
    ['h2-1234.net1.example', 1, ['address_hostname_prefix', 'address_hostname_trgm', 'device_name_trgm']],
    ['h2-123', 50, ['address_hostname_prefix', 'subnet_name_prefix', 'device_name_prefix', 'vlan_name_idx']],
    ['h', 50, ['address_hostname_prefix', 'device_serial_prefix']],
    ['quartz', 8, ['address_hostname_trgm', 'subnet_name_trgm', 'subnet_description_trgm', 'vlan_role_trgm']],
    ['example', 50, ['address_hostname_prefix']],
    ['00:1b:21', 50, ['address_mac_idx', 'interface_mac_idx']],
    ['FTX12345', 1, ['device_serial_prefix']],
    ['vlan 120', 20, ['vlan_list_idx']],
    [
      't70',
      50,
      ['subnet_tags_gin', 'address_tags_gin', 'device_tags_gin', 'vlan_tags_gin', 'interface_tags_gin'],
    ],
    ['order 12345', 1, ['device_description_trgm', 'interface_description_trgm', 'vlan_description_trgm']],
    ['zyxwvut', 0, ['address_hostname_trgm', 'device_name_trgm', 'vlan_name_trgm']],
  ];
  for (const [term, finds, uses] of cases) {
    it(`for ${term} by ${uses.join(', ')}`, async () => {
      let found = 0;
      const { indexes, scanned } = await explainer.plansOf(async (query) => {
        const { registry } = register.host;
        const api = createSearch({ db: { query }, registry: () => registry });
        const searcher = { principal: { role: 'admin' as const }, allows: () => true };
        found = (await api.search({ q: term }, searcher)).items.length;
      });
      assert.deepEqual(
        uses.filter((index) => !indexes.has(index)),
        [],
        `it used ${[...indexes].sort().join(', ')}`,
      );
      assert.deepEqual(
        large.filter((table) => scanned.has(table)),
        [],
      );
      assert.equal(found, finds);
    });
  }
});

/** By SQL, without counters: what is tested is reading. */
async function fill({ owner: db }: TestRegister): Promise<void> {
  await db.withConnection(async (connection) => {
    await connection.query("SET cadastre.space = 'held'");
    await connection.query(
      `INSERT INTO subnet (vrf_id, cidr, status, name)
         SELECT 1, set_masklen('10.0.0.0'::inet + n * 65536::bigint, 16)::cidr, 'container', 'site ' || n
           FROM generate_series(0, 249) n`,
    );
    await connection.query(
      `INSERT INTO subnet (vrf_id, cidr, name, tags)
         SELECT 1, set_masklen('10.0.0.0'::inet + n % 250 * 65536::bigint + n / 250 * 256, 24)::cidr, 'lab ' || n,
                CASE WHEN n % 10 = 0 THEN ARRAY['t' || n % 500] ELSE '{}' END
           FROM generate_series(0, 49999) n`,
    );
    await connection.query(
      `INSERT INTO address (vrf_id, subnet_id, address, hostname, mac)
         SELECT s.vrf_id, s.id, first_ip(s.cidr) + n,
                CASE WHEN s.id % 6007 = 0 AND n = 1 THEN 'quartz' || s.id ELSE 'h' || n || '-' || s.id END
                  || '.net' || s.id % 9 || '.example',
                ((CASE WHEN s.id % 100 = 0 THEN '001b21' ELSE '0004f2' END) || lpad(to_hex(s.id * 8 + n), 6, '0'))::macaddr
           FROM subnet s, generate_series(1, 4) n WHERE s.status <> 'container'`,
    );
    await connection.query('RESET cadastre.space');
  });
  await db.query(
    `INSERT INTO device (name, serial, description)
       SELECT 'sw-' || n, 'FTX' || n, 'Came with order ' || n FROM generate_series(10000, 59999) n`,
  );
  await db.query(
    `INSERT INTO interface (device_id, name, mac, description)
       SELECT id, 'ge-0/0/0', ('0004f3' || lpad(to_hex(id), 6, '0'))::macaddr, 'To core ' || id FROM device`,
  );
  await db.query(`INSERT INTO vlan_group (name) SELECT 'group ' || n FROM generate_series(1, 20) n`);
  await db.query(
    `INSERT INTO vlan (group_id, vid, name, role, description)
       SELECT g.id, vid, 'customer ' || vid, 'access', 'For customer ' || vid
         FROM vlan_group g, generate_series(2, 1001) vid WHERE g.name LIKE 'group %'`,
  );
  await db.query('VACUUM ANALYZE subnet, address, device, interface, vlan, vlan_group, vrf');
}
