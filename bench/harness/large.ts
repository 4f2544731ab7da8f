import type pg from 'pg';
import { unrecorded } from './audit.ts';

/** How many addresses a large register has: SCALE_ADDRESSES (200,000 at least, so that a page of a list spans few subnets), else ten million. */
export const largeAddresses = Number(process.env.SCALE_ADDRESSES ?? 10_000_000);

const subnets = 2_500;
/** The most that fits into them, less what a measurement takes. */
const most = 10_000_000;
/** Of so many hosts one is left free, so that the free space of no subnet is one run. */
const gap = 64;
/** Subnets of which counters and spans are made in one transaction. */
const atOnce = 100;

/**
 * Makes 2,500 /20s in 10.0.0.0/8, a hundred /24s in 11.0.0.0/8 (every second of the lowest), and 2001:db8::/64, by SQL and
 * without addresses.
 */
export async function layOut(database: pg.Client): Promise<void> {
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr, status)
       VALUES (1, '10.0.0.0/8', 'container'), (1, '11.0.0.0/8', 'container'), (1, '2001:db8::/64', 'active')`,
  );
  await database.query(
    `INSERT INTO subnet (vrf_id, cidr)
       SELECT 1, set_masklen('10.0.0.0'::inet + n * 4096::bigint, 20)::cidr FROM generate_series(0, $1::int - 1) n
       UNION ALL
       SELECT 1, set_masklen('11.0.0.0'::inet + n * 512::bigint, 24)::cidr FROM generate_series(0, 99) n`,
    [subnets],
  );
}

/**
 * Takes as many addresses, the same number in each /20, and up to 65,535 of the IPv6 /64; what was taken before stays. Each fourth
 * has a host name, and 41 have one with `quartz` in it, however many there are.
 */
export async function fillTo(database: pg.Client, count: number): Promise<void> {
  if (count > most) throw new Error(`SCALE_ADDRESSES is ${count}; at most ${most} fit.`);
  await unrecorded(database, () => fill(database, count));
}

async function fill(database: pg.Client, count: number): Promise<void> {
  const hosts = Math.ceil((count / subnets) * (gap / (gap - 1)));
  // As a bulk load does it: the dear index and all that is derived are made afterwards.
  const { rows } = await database.query<{ definition: string }>(
    `SELECT pg_get_indexdef('address_hostname_trgm'::regclass) AS definition`,
  );
  await database.query("SET maintenance_work_mem = '1GB'; DROP INDEX address_hostname_trgm");
  await database.query("SET cadastre.space = 'held'");
  await database.query(
    `INSERT INTO address (vrf_id, subnet_id, address, hostname)
       SELECT vrf_id, id, first_ip(cidr) + n,
              CASE WHEN n = 2 AND id % 60 = 0 THEN 'quartz' || id || '.net'
                   WHEN n % 4 = 0 THEN 'h' || n || '.r' || id || '.net' END
         FROM subnet CROSS JOIN generate_series(1, $1::int) n
        WHERE masklen(cidr) = 20 AND n % $2::int <> 0
        ORDER BY cidr, n
       ON CONFLICT DO NOTHING`,
    [hosts, gap],
  );
  await database.query(
    `INSERT INTO address (vrf_id, subnet_id, address)
       SELECT vrf_id, id, first_ip(cidr) + n FROM subnet CROSS JOIN generate_series(1, $1::int) n WHERE family(cidr) = 6
       ON CONFLICT DO NOTHING`,
    [Math.min(hosts * 16, 65_535)],
  );
  await database.query('RESET cadastre.space');
  await database.query(rows[0]?.definition ?? '');
  const chunks = await database.query<{ ids: string[] }>(
    `SELECT array_agg(id) AS ids FROM (SELECT id, row_number() OVER (ORDER BY id) / $1::int AS chunk FROM subnet) s GROUP BY chunk`,
    [atOnce],
  );
  for (const { ids } of chunks.rows) await database.query('SELECT recompute_space($1)', [ids]);
  await database.query('VACUUM (ANALYZE) address, free_span, subnet_usage, subnet');
  await database.query('CHECKPOINT');
}
