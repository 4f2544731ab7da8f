import { ipJson } from './routes.ts';

/** A line of `ip -j -s neigh`; times are seconds ago. */
interface NeighbourLine {
  readonly dst: string;
  readonly dev: string;
  readonly lladdr?: string;
  readonly confirmed?: number;
  readonly state?: readonly string[];
}

/** What the kernel knows of a neighbour. */
export interface Neighbour {
  /** Null: it was asked and did not answer. */
  readonly mac: string | null;
  /** Whether it has answered so lately that it is there now. */
  readonly isThere: boolean;
}

/** So long an entry speaks of this scan: its MAC, and at first also that somebody is there. */
const freshSeconds = { there: 15, mac: 60 };

/**
 * The kernel's neighbour tables (ARP, RFC 826, and neighbour discovery, RFC 4861) by address. What is too old to say anything, or was
 * entered by hand, is left out.
 */
export async function neighbours(signal: AbortSignal): Promise<ReadonlyMap<string, Neighbour>> {
  const known = new Map<string, Neighbour>();
  for (const line of await ipJson<NeighbourLine>(['-s', 'neigh', 'show'], signal)) {
    const neighbour = heard(line);
    if (neighbour) known.set(line.dst, neighbour);
  }
  return known;
}

/** A line of `ip -j addr`. */
interface InterfaceLine {
  readonly address?: string;
  readonly link_type: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

/**
 * The prober's own addresses on links, also on such as are down, and their MACs: nobody asks itself on the link, and everybody hears
 * itself.
 */
export async function ownMacs(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = await ipJson<InterfaceLine>(['addr', 'show'], signal);
  const onLinks = lines.filter(({ link_type }) => link_type === 'ether');
  return new Map(
    onLinks.flatMap(({ address, addr_info }) =>
      addr_info.map(({ local = '' }) => [local, address ? [address] : []] as const),
    ),
  );
}

function heard({ lladdr, confirmed, state = [] }: NeighbourLine): Neighbour | undefined {
  const is = (...states: string[]) => state.some((each) => states.includes(each));
  if (is('FAILED', 'INCOMPLETE')) return { mac: null, isThere: false };
  const age = confirmed ?? freshSeconds.mac;
  if (!lladdr || age >= freshSeconds.mac || !is('REACHABLE', 'STALE', 'DELAY', 'PROBE')) return undefined;
  return { mac: lladdr, isThere: is('REACHABLE') && age < freshSeconds.there };
}
