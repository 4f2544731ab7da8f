import type pg from 'pg';

/** How many addresses the large register gets; SCALE_ADDRESSES, else ten million. */
export const largeAddresses = Number(process.env.SCALE_ADDRESSES ?? 10_000_000);

const subnets = 2_500;
/** Every so many hosts one is left free, so that there is no subnet whose free space is one run. */
const gap = 64;
/** Subnets of which counters and spans are made in one transaction. */
const atOnce = 100;
/** The most that fits into the subnets, less what the measurements take. */
const most = 10_000_000;

/** The ids of what is measured in a large register. */
export interface Landmarks {
  /** One of the /20s. */
  subnet: number;
  /** A /8 of which a hundred /24s are taken, every second of the lowest. */
  slash8: number;
  /** An address far down the list: in a subnet in the middle. */
  middle: { id: number; address: string };
}

/** Makes 2,500 /20s below 10.0.0.0/8, and a /8 with holes; without addresses. */
export async function layOut(database: pg.Client): Promise<void> {
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr, status)
       VALUES (1, '10.0.0.0/8', 'container'), (1, '11.0.0.0/8', 'container'), (1, '2001:db8::/64', 'active')`,
  );
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr)
       SELECT 1, set_masklen('10.0.0.0'::inet + n * 4096::bigint, 20)::cidr FROM generate_series(0, $1 - 1) n
       UNION ALL
       SELECT 1, set_masklen('11.0.0.0'::inet + n * 512::bigint, 24)::cidr FROM generate_series(0, 99) n`,
    [subnets],
  );
}

/**
 * Takes addresses in each /20, and as many of an IPv6 /64, until there are so many in all; by SQL, the derived tables afterwards,
 * as a bulk load does. Each fourth has a host name; `quartz` stands in forty of them however many there are.
 */
export async function fillTo(database: pg.Client, count: number): Promise<void> {
  if (count > most) throw new Error(`SCALE_ADDRESSES is ${count}; at most ${most} fit.`);
  const each = Math.ceil((count / subnets) * (gap / (gap - 1)));
  const { rows } = await database.query<{ definition: string }>(
    `SELECT pg_get_indexdef('address_hostname_trgm'::regclass) AS definition`,
  );
  await database.query("SET maintenance_work_mem = '1GB'");
  await database.query('DROP INDEX address_hostname_trgm');
  await database.query("SET cadastre.space = 'held'");
  await database.query(
    `INSERT INTO address (vrf_id, subnet_id, address, hostname)
       SELECT s.vrf_id, s.id, first_ip(s.cidr) + n,
              CASE WHEN n = 2 AND s.id % 60 = 0 THEN 'quartz' || s.id || '.net'
                   WHEN n % 4 = 0 THEN 'h' || n || '.r' || s.id || '.net' END
         FROM subnet s CROSS JOIN generate_series(1, CASE family(s.cidr) WHEN 4 THEN $1::int ELSE least($1 * 16, 65535) END) n
        WHERE (masklen(s.cidr) = 20 AND n % $2 <> 0) OR family(s.cidr) = 6
       ON CONFLICT DO NOTHING`,
    [each, gap],
  );
  await database.query('RESET cadastre.space');
  await database.query(rows[0]?.definition ?? '');
  const filled = await database.query<{ ids: string[] }>(
    `SELECT array_agg(id) AS ids FROM
       (SELECT id, row_number() OVER (ORDER BY id) / $1 AS chunk FROM subnet WHERE masklen(cidr) IN (20, 64)) s GROUP BY chunk`,
    [atOnce],
  );
  for (const { ids } of filled.rows) await database.query('SELECT recompute_space($1)', [ids]);
  await database.query('VACUUM (ANALYZE) address, free_span, subnet_usage, subnet');
  await database.query('CHECKPOINT');
}
