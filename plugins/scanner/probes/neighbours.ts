import { networkInterfaces } from 'node:os';
import { ipJson } from './routes.ts';

/** A line of `ip -j -s neigh`; times are seconds ago. */
interface NeighbourLine {
  readonly dst: string;
  readonly dev: string;
  readonly lladdr?: string;
  readonly confirmed?: number;
  readonly state?: readonly string[];
}

/** An entry that nobody uses turns stale within half a minute; so long it still speaks of this scan. */
const freshSeconds = 60;

/**
 * The kernel's neighbour tables (ARP, RFC 826, and neighbour discovery, RFC 4861) by address: the MAC of who answered of late, none
 * of who was asked and did not. What is too old to say anything, or was entered by hand, is left out.
 */
export async function neighbours(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = new Map<string, readonly string[]>();
  for (const line of await ipJson<NeighbourLine>(['-s', 'neigh', 'show'], signal)) {
    const neighbour = heard(line);
    if (neighbour !== undefined) known.set(line.dst, neighbour);
  }
  return known;
}

/** The prober's own addresses and their MACs: nobody asks itself on the link. */
export function ownMacs(): ReadonlyMap<string, readonly string[]> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const onLinks = all.filter(({ internal, mac }) => !internal && mac !== '00:00:00:00:00:00');
  return new Map(onLinks.map(({ address, mac }) => [address, [mac]]));
}

function heard({ lladdr, confirmed, state = [] }: NeighbourLine): readonly string[] | undefined {
  const is = (...states: string[]) => state.some((each) => states.includes(each));
  if (is('FAILED', 'INCOMPLETE')) return [];
  if (!lladdr) return undefined;
  if (is('REACHABLE')) return [lladdr];
  return is('STALE', 'DELAY', 'PROBE') && (confirmed ?? freshSeconds) < freshSeconds ? [lladdr] : undefined;
}
