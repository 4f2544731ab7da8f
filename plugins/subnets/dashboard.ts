import { type CardContent, type DashboardCard, dashboardCards, named, type PluginContext } from '#core';
import { wireCount } from './listings.ts';
import { addressStatuses } from './schemas.ts';

// One pass over the addresses gives their number and the chart. Grouped by the status alone, whose few values the planner
// knows, it runs in parallel, in half the time that grouping by the family too would take.
const addressCounts = named(
  'dashboard_address_counts',
  'SELECT status, count(*) AS n, count(*) FILTER (WHERE family(address) = 4) AS v4 FROM address GROUP BY status',
);
const subnetCounts = named(
  'dashboard_subnet_counts',
  'SELECT (SELECT count(*) FROM vrf) AS vrfs, (SELECT count(*) FROM subnet) AS subnets',
);
// From the index on the percentage downwards; what is not in use at all would only fill the card up.
const fullest = named(
  'dashboard_fullest',
  `SELECT s.id, s.cidr, s.name, v.name AS vrf, u.percent::float8 AS percent,
          greatest(u.total - u.children - u.ranged - u.taken, 0) AS free
     FROM subnet_usage u JOIN subnet s ON s.id = u.subnet_id JOIN vrf v ON v.id = s.vrf_id
    WHERE u.percent > 0 AND s.status <> 'container'
    ORDER BY u.percent DESC, u.subnet_id DESC LIMIT 10`,
);
/** By when it was changed last: no index serves that, one would cost every allocation, and a million rows are read in 0.1 s. */
const latest = named(
  'dashboard_latest',
  `SELECT *, CASE WHEN version = 1 THEN 'Registered' ELSE 'Changed' END AS deed FROM (
     (SELECT 'Subnet' AS model, id, cidr, NULL::inet AS address, status, version, updated_by AS who, updated_at AS at
        FROM subnet ORDER BY updated_at DESC, id DESC LIMIT 10)
     UNION ALL
     (SELECT 'Address', id, NULL, address, status, version, updated_by, updated_at
        FROM address ORDER BY updated_at DESC, id DESC LIMIT 10)
   ) each ORDER BY at DESC, id DESC LIMIT 10`,
);

interface AddressCount {
  status: string;
  n: number;
  v4: number;
}

interface Fullest {
  id: number;
  cidr: string;
  name: string | null;
  vrf: string;
  percent: number;
  free: string;
}

/** A subnet has a CIDR, an address an address. */
interface Latest {
  model: 'Subnet' | 'Address';
  id: number;
  cidr: string | null;
  address: string | null;
  status: string;
  version: number;
  deed: string;
  who: string | null;
  at: string;
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** Puts the address space on the panel's first page: how much there is, how it is used, what is full and what has changed. */
export function fillDashboard({
  db,
  extend,
}: Pick<PluginContext<unknown, unknown, never, readonly []>, 'db' | 'extend'>): void {
  let counting: Promise<AddressCount[]> | undefined;
  /** The cards are loaded together: those that need the counts share one pass. */
  const countAddresses = (): Promise<AddressCount[]> => {
    counting ??= db.query<AddressCount>(addressCounts).finally(() => {
      counting = undefined;
    });
    return counting;
  };
  const card = (title: string, width: DashboardCard['width'], load: DashboardCard['load']) =>
    extend(dashboardCards, { title, permission: 'subnets:read', width, load });

  card('Address space', 'full', async () => {
    const [counts, [totals]] = await Promise.all([
      countAddresses(),
      db.query<{ vrfs: number; subnets: number }>(subnetCounts),
    ]);
    const held = (status?: string) =>
      counts.reduce((sum, each) => (status && each.status !== status ? sum : sum + each.n), 0);
    return {
      kind: 'figures',
      figures: [
        { label: 'VRFs', value: totals?.vrfs ?? 0, link: { model: 'Vrf' } },
        { label: 'Subnets', value: totals?.subnets ?? 0, link: { model: 'Subnet' } },
        { label: 'Addresses', value: held(), link: { model: 'Address' } },
        ...addressStatuses.map((status) => ({ label: capitalized(status), value: held(status) })),
      ],
    };
  });

  card('Addresses by family and status', 'half', async () => {
    const counts = await countAddresses();
    const values = (status: string) => {
      const { n, v4 } = counts.find((each) => each.status === status) ?? { n: 0, v4: 0 };
      return [v4, n - v4];
    };
    return {
      kind: 'bars',
      labels: ['IPv4', 'IPv6'],
      series: addressStatuses.map((status) => ({ label: capitalized(status), values: values(status) })),
    };
  });

  card('Recent changes', 'half', async () => {
    const rows = await db.query<Latest>(latest);
    return {
      kind: 'table',
      columns: [
        { key: 'network', label: 'Record', as: 'network' },
        { key: 'status', label: 'Status', as: 'status' },
        { key: 'deed', label: 'What' },
        { key: 'who', label: 'By' },
        { key: 'at', label: 'When', as: 'time' },
      ],
      rows: rows.map(({ model, id, cidr, address, status, deed, who, at }) => ({
        link: { model, id },
        cells: { network: cidr ?? address, status, deed, who, at },
      })),
      empty: 'Nothing is registered yet. Create a subnet, then allocate or register addresses in it.',
    };
  });

  card('Fullest subnets', 'full', async (): Promise<CardContent> => {
    const rows = await db.query<Fullest>(fullest);
    return {
      kind: 'table',
      columns: [
        { key: 'cidr', label: 'CIDR', as: 'network' },
        { key: 'name', label: 'Name' },
        { key: 'vrf', label: 'VRF' },
        { key: 'percent', label: 'Used', as: 'usage' },
        { key: 'free', label: 'Free' },
      ],
      rows: rows.map(({ id, free, ...cells }) => ({
        link: { model: 'Subnet', id },
        cells: { ...cells, free: wireCount(free) },
      })),
      empty:
        'No subnet is in use yet. Once addresses are allocated or registered, those that fill up show here.',
    };
  });
}
