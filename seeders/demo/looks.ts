import type { Look } from '#plugins/scanner';
import { domain, type PlannedHost, type PlannedSubnet, pickNumbers } from './plan.ts';

type Seen = Look['seen'] extends ReadonlyMap<string, infer S> ? S : never;

/** What somebody did about a conflict after a look. */
export interface PlannedDecision {
  address: string;
  resolution: 'accept-observed' | 'keep-recorded' | 'release';
  note: string;
}

/** A look at some subnets of the demo network, so many days ago, and what was decided after it. */
export interface PlannedLook {
  cidrs: readonly string[];
  daysAgo: number;
  seen: Look['seen'];
  decisions: readonly PlannedDecision[];
  /** Addresses whose discovery was dismissed. */
  dismissed: readonly string[];
}

/** Whose network is looked at: notebooks, phones and servers. */
const [workplaces, voice, servers] = ['10.1.16.0/24', '10.2.32.0/24', '10.8.30.0/24'] as const;
const looked = [workplaces, voice, servers];

/** A MAC address that nobody in the plan has (locally administered). */
const strangeMac = (address: string, nth = 0) =>
  `02:5e:${[...address.split('.'), nth]
    .slice(1)
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join(':')}`;

const answer = (facts: Partial<Seen>): Seen => ({
  outcome: 'seen',
  macs: [],
  ptr: null,
  openPorts: [],
  rttMs: null,
  error: null,
  ...facts,
});

interface Oddity {
  cidr: string;
  /** Which of the hosts. */
  nth: number;
  /** In which looks. */
  looks: readonly number[];
  kind: 'mac' | 'name' | 'twice';
  decided?: Omit<PlannedDecision, 'address'>;
}

const oddities: readonly Oddity[] = [
  {
    ...{ cidr: workplaces, nth: 3, looks: [0, 2], kind: 'mac' },
    decided: { resolution: 'keep-recorded', note: 'A guest had typed the address in by hand.' },
  },
  {
    ...{ cidr: workplaces, nth: 15, looks: [0, 1, 2], kind: 'mac' },
    decided: { resolution: 'accept-observed', note: 'A new docking station.' },
  },
  {
    ...{ cidr: workplaces, nth: 20, looks: [0], kind: 'mac' },
    decided: { resolution: 'release', note: 'The notebook was handed in months ago.' },
  },
  {
    ...{ cidr: servers, nth: 4, looks: [0], kind: 'name' },
    decided: { resolution: 'keep-recorded', note: 'The reverse zone is late; a ticket is open.' },
  },
  { cidr: workplaces, nth: 8, looks: [1, 2], kind: 'mac' },
  { cidr: workplaces, nth: 26, looks: [1, 2], kind: 'twice' },
  { cidr: workplaces, nth: 31, looks: [2], kind: 'name' },
  { cidr: servers, nth: 2, looks: [1, 2], kind: 'name' },
  { cidr: servers, nth: 6, looks: [2], kind: 'twice' },
  { cidr: voice, nth: 5, looks: [2], kind: 'mac' },
];

/** Where somebody answers whom nobody registered, by host number: from which look on. */
const strangers = [
  { cidr: voice, count: 4, from: 1 },
  { cidr: servers, count: 2, from: 1 },
];

const days = [9, 3, 0];

function seenOf(host: PlannedHost, index: number, look: number, oddity: Oddity | undefined): Seen {
  const { address, hostname = null } = host;
  const own = host.mac ?? host.on?.mac;
  const isOdd = oddity?.looks.includes(look) === true;
  const wasReleased = oddity?.decided?.resolution === 'release' && !isOdd;
  // Some are never there, and each now and then not.
  if (wasReleased || (!isOdd && (index % 23 === 7 || (index + look * 3) % 11 === 0)))
    return answer({ outcome: 'missed' });
  const name = hostname === null ? null : `${hostname}.`;
  return answer({
    macs: [
      ...(own !== undefined && !(isOdd && oddity?.kind === 'mac') ? [own] : []),
      ...(isOdd && oddity?.kind !== 'name' ? [strangeMac(address)] : []),
      ...(isOdd && oddity?.kind === 'twice' && own === undefined ? [strangeMac(address, 1)] : []),
    ],
    ptr: isOdd && oddity?.kind === 'name' ? `old-${address.split('.').at(-1)}.${domain}.` : name,
    openPorts: host.on ? [22, 443] : index % 3 === 0 ? [443] : [],
    rttMs: 0.3 + ((index * 7 + look) % 40) / 10,
  });
}

/** What scans have seen of the demo network and what was decided, the oldest first; the same every time. */
export function plannedLooks(subnets: readonly PlannedSubnet[]): PlannedLook[] {
  const networks = looked.map((cidr) => ({
    cidr,
    all: subnets.find((each) => each.vrf === 'global' && each.cidr === cidr)?.hosts ?? [],
  }));
  const usual = (hosts: readonly PlannedHost[]) =>
    hosts.filter(({ role, released, status }) => !released && !status && role !== 'gateway');
  const oddityOf = (cidr: string, nth: number) =>
    oddities.find((each) => each.cidr === cidr && each.nth === nth);
  const freeIn = (cidr: string, count: number) => {
    const taken = new Set(networks.find((each) => each.cidr === cidr)?.all.map(({ address }) => address));
    const network = cidr.replace(/\.0\/24$/, '');
    return pickNumbers(`strangers ${cidr}`, 2, 250, 249)
      .map((number) => `${network}.${number}`)
      .filter((address) => !taken.has(address))
      .slice(0, count);
  };
  return days.map((daysAgo, look) => {
    const hosts = networks.flatMap(({ cidr, all }) =>
      usual(all).map((host, nth) => ({ host, nth, oddity: oddityOf(cidr, nth) })),
    );
    const unknown = strangers
      .filter(({ from }) => from <= look)
      .flatMap(({ cidr, count }) => freeIn(cidr, count));
    const seen = new Map([
      ...hosts.map(({ host, nth, oddity }) => [host.address, seenOf(host, nth, look, oddity)] as const),
      ...unknown.map((address, nth) => {
        const ptr = nth % 2 === 0 ? null : `android-${strangeMac(address).slice(-5).replace(':', '')}.lan.`;
        return [address, answer({ macs: [strangeMac(address)], ptr, rttMs: 4.2 + nth })] as const;
      }),
    ]);
    const decisions = hosts.flatMap(({ host: { address }, oddity }) =>
      oddity?.decided && oddity.looks[0] === look ? [{ address, ...oddity.decided }] : [],
    );
    const dismissed = look === 1 ? freeIn(servers, 2).slice(0, 1) : [];
    return { cidrs: looked, daysAgo, seen, decisions, dismissed };
  });
}
