import { formatIp } from './address.ts';
import { type Block, lastOf, type Span, usableSpan } from './block.ts';

/** What an address of a subnet is, seen from the subnet. */
export type MapState =
  | 'network'
  | 'broadcast'
  | 'free'
  | 'cooling'
  | 'subnet'
  | 'reserved'
  | 'assigned'
  | 'quarantined'
  | 'deprecated';

/** One address of the grid; what does not apply is left out. */
export interface MapItem {
  address: string;
  state: MapState;
  id?: number;
  subnetId?: number;
  rangeId?: number;
  hostname?: string;
  device?: { id: number; name: string };
  role?: 'gateway';
}

/** A run of addresses of the grid, counted from its first, with what it belongs to; it may reach beyond both ends. */
export interface MapRun {
  id: number;
  first: number;
  last: number;
}

/** A registered address of the grid, counted from its first. */
export interface MapRow {
  at: number;
  id: number;
  status: Exclude<MapState, 'network' | 'broadcast' | 'cooling' | 'subnet'>;
  cooling: boolean;
  hostname: string | null;
  deviceId?: number | null;
  /** The name of that device. */
  device?: string | null;
  role: string | null;
}

/** What lies in a part of a subnet: rows and runs in the order of their addresses, runs of a kind disjoint. */
export interface MapContent {
  rows: readonly MapRow[];
  children: readonly MapRun[];
  ranges: readonly MapRun[];
}

/**
 * The grid of a part of a subnet, one entry per address in order. A child has all that it covers; then a row that is not free
 * tells; then come network and broadcast address, which nobody is given; then what cools down, and what is free.
 */
export function mapAddresses(
  subnet: Block,
  withEdges: boolean,
  part: Span,
  { rows, children, ranges }: MapContent,
): MapItem[] {
  const count = Number(part.last - part.first) + 1;
  const usable = usableSpan(subnet, withEdges);
  const isNetworkAt = subnet.first < usable.first ? Number(subnet.first - part.first) : -1;
  const isBroadcastAt = lastOf(subnet) > usable.last ? Number(lastOf(subnet) - part.first) : -1;
  const texts = addressTexts(part, count);
  const items: MapItem[] = new Array(count);
  let [row, child, range] = [0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    while ((rows[row]?.at ?? at) < at) row += 1;
    while ((children[child]?.last ?? at) < at) child += 1;
    while ((ranges[range]?.last ?? at) < at) range += 1;
    const item: MapItem = { address: texts[at] as string, state: 'free' };
    items[at] = item;
    const over = children[child];
    if (over && over.first <= at) {
      item.state = 'subnet';
      item.subnetId = over.id;
      continue;
    }
    const held = rows[row]?.at === at ? rows[row] : undefined;
    if (held && held.status !== 'free') item.state = held.status;
    else if (at === isNetworkAt) item.state = 'network';
    else if (at === isBroadcastAt) item.state = 'broadcast';
    else if (held?.cooling) item.state = 'cooling';
    if (held) {
      item.id = held.id;
      if (held.hostname !== null) item.hostname = held.hostname;
      if (held.deviceId && held.device) item.device = { id: held.deviceId, name: held.device };
      if (held.role === 'gateway') item.role = 'gateway';
    }
    const reached = ranges[range];
    if (reached && reached.first <= at) item.rangeId = reached.id;
  }
  return items;
}

/** The texts of a run of addresses; those of IPv4 without arithmetic on 128 bits, of which a page of the grid has thousands. */
function addressTexts({ family, first }: Span, count: number): string[] {
  if (family === 6) {
    return Array.from({ length: count }, (_, at) => formatIp({ family, value: first + BigInt(at) }));
  }
  const start = Number(first);
  return Array.from({ length: count }, (_, at) => {
    const value = start + at;
    return `${Math.floor(value / 16_777_216)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  });
}
