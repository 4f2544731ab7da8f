import type pg from 'pg';
import { unrecorded } from './audit.ts';

/** What is searched: a million addresses in a quarter of a million subnets. SEARCH_SHARE makes all of it smaller. */
const share = Number(process.env.SEARCH_SHARE ?? 1);
const subnets = Math.round(250_000 * share);
const addressesEach = 4;
const devices = Math.round(100_000 * share);
const vlanGroups = Math.round(50 * share);

/**
 * Fills a register by SQL with what is searched: besides, 100,000 devices with two interfaces each, and 50,000 VLANs. Of the addresses all have host names that end alike, 41 have `quartz` in it, half
 * have the label `prod`, one in a thousand the label `pci`; the first in each subnet begin with `gw-`, then `web-`, `db-`, `app-`.
 */
export async function fillInventory(database: pg.Client): Promise<void> {
  await unrecorded(database, async () => {
    await database.query("SET maintenance_work_mem = '512MB'; SET cadastre.space = 'held'");
    await fillSubnets(database);
    await withoutIndexes(database, 'address', () => fillAddresses(database));
    await database.query('RESET cadastre.space');
    await fillInterfaces(database);
    await fillVlans(database);
  });
  await database.query('VACUUM (ANALYZE) address, subnet, device, interface, vlan, vlan_group, site, tag');
  await database.query('CHECKPOINT');
}

async function fillSubnets(database: pg.Client): Promise<void> {
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr, status, name)
       SELECT 1, '10.0.0.0/8', 'container', 'everything'
       UNION ALL SELECT 1, set_masklen('10.0.0.0'::inet + n * 65536::bigint, 16)::cidr, 'container', 'site ' || n
         FROM generate_series(0, 255) n
       UNION ALL SELECT 1, '2001:db8::/32', 'container', 'everything'`,
  );
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr, name, description, tags)
       SELECT 1, set_masklen('10.0.0.0'::inet + (n % 256) * 65536::bigint + (n / 256) * 64, 26)::cidr, 'lab ' || n,
              CASE WHEN n % 10 = 0 THEN 'Benches of customer ' || n END,
              CASE WHEN n % 10 = 0 THEN ARRAY['t' || n % 1000] ELSE '{}' END
         FROM generate_series(0, $1::int - 1) n
       UNION ALL SELECT 1, set_masklen('2001:db8::'::inet + (n::bigint << 48), 80)::cidr, 'six ' || n, NULL, '{}'
         FROM generate_series(1, 1000) n`,
    [subnets],
  );
}

async function fillAddresses(database: pg.Client): Promise<void> {
  await database.query(
    `INSERT INTO address (vrf_id, subnet_id, address, hostname, mac, tags)
       SELECT vrf_id, id, first_ip(cidr) + k,
              CASE WHEN k = 2 AND id % 6097 = 0 THEN 'quartz-' || id
                   ELSE (ARRAY['gw', 'web', 'db', 'app'])[k] || '-' || id END || '.r' || id % 997 || '.example.net',
              CASE WHEN k > 1 THEN (CASE WHEN id % 100 = 0 THEN '001b21' ELSE left(md5((id % 300)::text), 5) || '0' END
                || lpad(to_hex(id * 4 + k & 16777215), 6, '0'))::macaddr END,
              CASE WHEN k > 2 THEN ARRAY['prod'] WHEN k = 2 AND id % 500 = 0 THEN ARRAY['pci'] ELSE '{}' END
         FROM subnet CROSS JOIN generate_series(1, $1::int) k
        WHERE masklen(cidr) IN (26, 80)
        ORDER BY cidr, k`,
    [addressesEach],
  );
}

async function fillInterfaces(database: pg.Client): Promise<void> {
  await database.query(`INSERT INTO site (name) SELECT 'site ' || n FROM generate_series(0, 255) n`);
  await database.query(
    `INSERT INTO device (name, type, serial, asset_tag, site_id, description, tags)
       SELECT (ARRAY['sw', 'rt', 'fw', 'srv'])[1 + n % 4] || '-' || n || '.site' || n % 256, 'switch',
              'FTX' || lpad((n * 7919::bigint % 10000000)::text, 7, '0'), 'A' || n, s.id,
              CASE WHEN n % 5 = 0 THEN 'Rack ' || n % 400 || ', delivered with order ' || n END,
              CASE WHEN n % 2 = 0 THEN ARRAY['prod'] ELSE '{}' END
         FROM generate_series(1, $1::int) n JOIN site s ON s.name = 'site ' || n % 256`,
    [devices],
  );
  await database.query(
    `INSERT INTO interface (device_id, name, mac)
       SELECT id, 'ge-0/0/' || k, ('0004f2' || lpad(to_hex(id * 2 + k), 6, '0'))::macaddr
         FROM device, generate_series(0, 1) k ORDER BY id, k`,
  );
}

async function fillVlans(database: pg.Client): Promise<void> {
  await database.query(
    `INSERT INTO vlan_group (name) SELECT 'group ' || n FROM generate_series(1, $1::int) n`,
    [vlanGroups],
  );
  await database.query(
    `INSERT INTO vlan (group_id, vid, name, role)
       SELECT g.id, vid, 'customer ' || vid || ' of ' || g.name, CASE WHEN vid % 3 = 0 THEN 'access' END
         FROM vlan_group g, generate_series(2, 1001) vid WHERE g.name LIKE 'group %'`,
  );
  await database.query(`INSERT INTO tag (name) VALUES ('prod'), ('pci'), ('dmz') ON CONFLICT DO NOTHING`);
}

/** Makes the dear indexes of a table afterwards, as a bulk load does. */
async function withoutIndexes(
  database: pg.Client,
  table: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const { rows } = await database.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
       FROM pg_index WHERE indrelid = $1::regclass AND NOT indisunique`,
    [table],
  );
  for (const { name } of rows) await database.query(`DROP INDEX ${name}`);
  await work();
  for (const { definition } of rows) await database.query(definition);
}
