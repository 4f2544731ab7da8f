import { invalidRequest, named, type PluginContext } from '#core';
import { formatIp, type Ip, readAnyIp } from './domain/address.ts';
import { type MapItem, type MapRow, type MapRun, mapAddresses } from './domain/address-map.ts';
import { type Block, blockOf, contains, hostBlock, lastOf, type Span } from './domain/block.ts';
import { readSubnet } from './records.ts';

/** The grid of a subnet or of a part of it. */
export interface AddressMap {
  subnetId: number;
  cidr: string;
  start: string;
  end: string;
  items: MapItem[];
}

/** Draws subnets address by address. */
export interface MapService {
  /** 422 for a part that lies outside or has more than 4096 addresses. */
  map(subnetId: number, part: { start?: string | undefined; end?: string | undefined }): Promise<AddressMap>;
}

const addressesAtMost = 4096n;

// Of the children before the part only the last can reach into it. Places are counted from the first address: the difference of two that are at most 4096 apart overflows nothing.
const rowsOfMap = named(
  'map_rows',
  `SELECT (address - $2::inet)::int AS at, a.id, a.status, hostname, role, device_id AS "deviceId", d.name AS device,
          a.status = 'free' AND coalesce(available_at > now(), false) AS cooling
     FROM address a LEFT JOIN device d ON d.id = a.device_id
    WHERE subnet_id = $1 AND address BETWEEN $2 AND $3 ORDER BY subnet_id, address`,
);
const runsOfMap = named(
  'map_runs',
  `WITH child AS (
     SELECT id, first_ip(cidr) AS first, last_ip(cidr) AS last FROM subnet
      WHERE parent_id = $1 AND cidr <= $3 AND last_ip(cidr) >= $2 AND cidr >= coalesce(
        (SELECT cidr FROM subnet WHERE parent_id = $1 AND cidr <= $2 ORDER BY cidr DESC LIMIT 1), $2)
   ), range AS (
     SELECT r.id, r.start_ip AS first, r.end_ip AS last FROM subnet s
      CROSS JOIN LATERAL ranges_in(s.vrf_id, $2, $3) r WHERE s.id = $1
   )
   SELECT true AS "isChild", id, (greatest(first, $2) - $2)::int AS first, (least(last, $3) - $2)::int AS last FROM child
   UNION ALL
   SELECT false, id, (greatest(first, $2) - $2)::int, (least(last, $3) - $2)::int FROM range
   ORDER BY 1, 3`,
);

/** Makes the service of the grid. */
export function createMapService({
  db,
}: Pick<PluginContext<unknown, unknown, unknown, []>, 'db'>): MapService {
  return {
    async map(subnetId, asked) {
      const { cidr, allowNetworkAndBroadcast } = await readSubnet(db.query, subnetId);
      const block = blockOf(cidr);
      const part = partOf(block, cidr, asked);
      const [start, end] = [part.first, part.last].map((value) => formatIp({ family: part.family, value }));
      const [rows, runs] = await Promise.all([
        db.query<MapRow>(rowsOfMap, [subnetId, start, end]),
        db.query<MapRun & { isChild: boolean }>(runsOfMap, [subnetId, start, end]),
      ]);
      const { children = [], ranges = [] } = Object.groupBy(runs, ({ isChild }) =>
        isChild ? 'children' : 'ranges',
      );
      const items = mapAddresses(block, allowNetworkAndBroadcast, part, { rows, children, ranges });
      return { subnetId, cidr, start: start as string, end: end as string, items };
    },
  };
}

/** The part of a block that was asked for; 422 where it is none, or too large. */
function partOf(
  block: Block,
  cidr: string,
  asked: { start?: string | undefined; end?: string | undefined },
): Span {
  const { family, first } = block;
  const given = { start: readIp(asked.start), end: readIp(asked.end) };
  const errors = (['start', 'end'] as const).flatMap((name) => {
    const ip = given[name];
    if (!ip || contains(block, hostBlock(ip))) return [];
    const message = `${asked[name]} does not lie in ${cidr}; ask for addresses from ${formatIp({ family, value: first })} to ${formatIp({ family, value: lastOf(block) })}.`;
    return [{ path: `query.${name}`, code: 'outside', message }];
  });
  if (errors.length > 0) throw invalidRequest(errors);
  const part = { family, first: given.start?.value ?? first, last: given.end?.value ?? lastOf(block) };
  if (part.last < part.first) {
    const message = `${asked.end} comes before ${asked.start}; end is the last address of the part.`;
    throw invalidRequest([{ path: 'query.end', code: 'end-before-start', message }]);
  }
  const size = part.last - part.first + 1n;
  if (size <= addressesAtMost) return part;
  const end = formatIp({ family, value: part.first + addressesAtMost - 1n });
  const message = `${size} addresses are too many for one map; ask for at most ${addressesAtMost} with start and end, as in start=${formatIp({ family, value: part.first })}&end=${end}.`;
  throw invalidRequest([{ path: 'query.end', code: 'too-many', message }]);
}

function readIp(text: string | undefined): Ip | undefined {
  const ip = text === undefined ? undefined : readAnyIp(text);
  return ip?.ok ? ip.value : undefined;
}
