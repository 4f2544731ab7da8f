import { officeServices, phones, row, servers, workplaces } from './hosts.ts';
import type { PlannedPool, PlannedSubnet } from './plan.ts';
import { isDataCentre, type Site, sites } from './sites.ts';

/** How far a network is trusted. */
export const zones = ['internal', 'restricted', 'dmz', 'guest', 'production'] as const;
type Zone = (typeof zones)[number];

/** A network that several sites have, each with its own number in front. */
export interface Network {
  name: string;
  tag: string;
  /** What the company's field `zone` says of it. */
  zone: Zone;
  /** Third byte of its IPv4 /24, and fourth group of its IPv6 /64. */
  number: number;
  description?: string;
  /** Host numbers between which a DHCP server hands out addresses itself. */
  leases?: readonly [number, number];
  hosts?(site: Site, v4: string, v6: string): { v4: PlannedSubnet['hosts']; v6?: PlannedSubnet['hosts'] };
}

const only = (v4: PlannedSubnet['hosts']) => ({ v4 });

/** The networks that every office has, beside one for the users of each floor. */
export const officeNetworks: readonly Network[] = [
  {
    name: 'Servers',
    tag: 'servers',
    zone: 'internal',
    number: 0,
    hosts: (site, v4, v6) => servers(site, v4, v6, officeServices),
  },
  {
    name: 'Voice',
    tag: 'voice',
    zone: 'internal',
    number: 32,
    hosts: (site, v4) => only(phones(site, v4, (site.floors[0] ?? 0) * 0.8)),
  },
  {
    name: 'Wi-Fi',
    tag: 'wifi',
    zone: 'internal',
    number: 48,
    description: 'Clients by DHCP; access points are registered.',
    leases: [100, 250],
    hosts: (site, v4) => only(row(site, v4, { kind: 'ap', count: 6 * site.floors.length })),
  },
  {
    name: 'Guests',
    tag: 'guests',
    zone: 'guest',
    number: 64,
    description: 'Internet only. Leases of eight hours.',
    leases: [10, 250],
  },
  {
    name: 'Printers',
    tag: 'printers',
    zone: 'internal',
    number: 80,
    hosts: (site, v4) => only(row(site, v4, { kind: 'prn', count: 3 * site.floors.length })),
  },
  {
    name: 'Cameras',
    tag: 'cameras',
    zone: 'restricted',
    number: 96,
    hosts: (site, v4) => only(row(site, v4, { kind: 'cam', count: 5 * site.floors.length })),
  },
];

const numbered = (service: string, count: number) => Array<string>(count).fill(service);

/** The networks of a data centre. */
export const dataCentreNetworks: readonly Network[] = [
  {
    name: 'Web',
    tag: 'web',
    zone: 'dmz',
    number: 10,
    hosts: (site, v4, v6) => servers(site, v4, v6, [...numbered('lb', 4), ...numbered('web', 40)]),
  },
  {
    name: 'Applications',
    tag: 'apps',
    zone: 'internal',
    number: 20,
    hosts: (site, v4, v6) => servers(site, v4, v6, [...numbered('app', 80), ...numbered('queue', 6)]),
  },
  {
    name: 'Databases',
    tag: 'databases',
    zone: 'restricted',
    number: 30,
    hosts: (site, v4, v6) => servers(site, v4, v6, [...numbered('pg', 14), ...numbered('redis', 9)]),
  },
  {
    name: 'Storage',
    tag: 'storage',
    zone: 'restricted',
    number: 40,
    hosts: (site, v4) => only(row(site, v4, { kind: 'san', count: 40 })),
  },
  {
    name: 'Staging',
    tag: 'staging',
    zone: 'internal',
    number: 60,
    description: 'Built up and torn down at night.',
  },
];

/** The network that every site is managed over. */
export const management: Network = {
  name: 'Management',
  tag: 'management',
  zone: 'restricted',
  number: 250,
  description: 'Out of band; reached over the jump host only.',
  hosts: (site, v4) =>
    only([
      ...row(site, v4, {
        kind: 'sw',
        count: isDataCentre(site) ? 48 : 4 * site.floors.length,
      }),
      ...row(site, v4, { kind: 'ups', count: 2, from: 240 }),
    ]),
};

/** The network of the users of one floor, so full. */
export function usersOf(fill: number, floor: number): Network {
  return {
    name: `Users, floor ${floor + 1}`,
    tag: 'users',
    zone: 'internal',
    number: 16 + floor,
    hosts: (site, v4) => only(workplaces(site, v4, fill)),
  };
}

/** What is handed out wherever there is room: the same kind of network in each data centre. */
export const globalPools: readonly PlannedPool[] = dataCentreNetworks
  .filter(({ tag }) => tag === 'web' || tag === 'apps')
  .map(({ name, number }) => ({
    name: `${name} servers`,
    description: 'Frankfurt first, Amsterdam when that is full.',
    subnets: sites.filter(isDataCentre).map((site) => `10.${site.number}.${number}.0/24`),
  }));
