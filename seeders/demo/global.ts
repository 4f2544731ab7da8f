import { gateway, officeServices, phones, row, servers, workplaces } from './hosts.ts';
import { domain, type PlannedSubnet } from './plan.ts';
import { isDataCentre, type Site, sites } from './sites.ts';

const vrf = 'global';

interface Network {
  name: string;
  tag: string;
  /** Third byte of its IPv4 /24, and fourth group of its IPv6 /64. */
  number: number;
  description?: string;
  hosts?(site: Site, v4: string, v6: string): { v4: PlannedSubnet['hosts']; v6?: PlannedSubnet['hosts'] };
}

const only = (v4: PlannedSubnet['hosts']) => ({ v4 });

/** The networks that every office has, beside one for the users of each floor. */
const officeNetworks: readonly Network[] = [
  {
    name: 'Servers',
    tag: 'servers',
    number: 0,
    hosts: (site, v4, v6) => servers(site, v4, v6, officeServices),
  },
  {
    name: 'Voice',
    tag: 'voice',
    number: 32,
    hosts: (site, v4) => only(phones(site, v4, (site.floors[0] ?? 0) * 0.8)),
  },
  {
    name: 'Wi-Fi',
    tag: 'wifi',
    number: 48,
    description: 'Clients by DHCP; access points are registered.',
    hosts: (site, v4) =>
      only(row(site, v4, { kind: 'ap', maker: '24:de:c6', count: 6 * site.floors.length })),
  },
  { name: 'Guests', tag: 'guests', number: 64, description: 'Internet only. Leases of eight hours.' },
  {
    name: 'Printers',
    tag: 'printers',
    number: 80,
    hosts: (site, v4) =>
      only(row(site, v4, { kind: 'prn', maker: '00:80:77', count: 3 * site.floors.length })),
  },
  {
    name: 'Cameras',
    tag: 'cameras',
    number: 96,
    hosts: (site, v4) =>
      only(row(site, v4, { kind: 'cam', maker: '00:40:8c', count: 5 * site.floors.length })),
  },
];

const numbered = (service: string, count: number) => Array<string>(count).fill(service);

const dataCentreNetworks: readonly Network[] = [
  {
    name: 'Web',
    tag: 'web',
    number: 10,
    hosts: (site, v4, v6) => servers(site, v4, v6, [...numbered('lb', 4), ...numbered('web', 90)]),
  },
  {
    name: 'Applications',
    tag: 'apps',
    number: 20,
    hosts: (site, v4, v6) => servers(site, v4, v6, [...numbered('app', 150), ...numbered('queue', 6)]),
  },
  {
    name: 'Databases',
    tag: 'databases',
    number: 30,
    hosts: (site, v4, v6) => servers(site, v4, v6, [...numbered('pg', 24), ...numbered('redis', 9)]),
  },
  {
    name: 'Storage',
    tag: 'storage',
    number: 40,
    hosts: (site, v4) => only(row(site, v4, { kind: 'san', maker: '00:a0:98', count: 40 })),
  },
  { name: 'Staging', tag: 'staging', number: 60, description: 'Built up and torn down at night.' },
];

const management: Network = {
  name: 'Management',
  tag: 'management',
  number: 250,
  description: 'Out of band; reached over the jump host only.',
  hosts: (site, v4) =>
    only([
      ...row(site, v4, {
        kind: 'sw',
        maker: '00:1b:54',
        count: isDataCentre(site) ? 48 : 4 * site.floors.length,
      }),
      ...row(site, v4, { kind: 'ups', maker: '00:c0:b7', count: 2, from: 240 }),
    ]),
};

function usersOf(fill: number, floor: number): Network {
  return {
    name: `Users, floor ${floor + 1}`,
    tag: 'users',
    number: 16 + floor,
    hosts: (site, v4) => only(workplaces(site, v4, fill)),
  };
}

/** One network over IPv4 and IPv6. */
function bothFamilies(site: Site, { name, tag, number, description, hosts }: Network): PlannedSubnet[] {
  const v4 = `10.${site.number}.${number}`;
  const v6 = number === 0 ? `2001:db8:${site.number}::` : `2001:db8:${site.number}:${number}::`;
  const on = hosts?.(site, v4, v6) ?? { v4: [] };
  const label = `vlan${number + 100}.${site.code}`;
  const common = {
    vrf,
    name: `${site.city}: ${name}`,
    tags: [tag, site.code],
    metadata: { site: site.code, vlan: number + 100 },
    ...(description ? { description } : {}),
  };
  return [
    { ...common, cidr: `${v4}.0/24`, hosts: [gateway(`${v4}.1`, label), ...on.v4] },
    { ...common, cidr: `${v6}/64`, hosts: [gateway(`${v6}1`, label), ...(on.v6 ?? [])] },
  ];
}

function siteNetworks(site: Site): PlannedSubnet[] {
  const networks = isDataCentre(site)
    ? dataCentreNetworks
    : [...officeNetworks, ...site.floors.map(usersOf)].toSorted((a, b) => a.number - b.number);
  const block = {
    vrf,
    name: site.city,
    status: 'container' as const,
    tags: ['site', site.code],
    metadata: { site: site.code, country: site.country },
    hosts: [],
  };
  return [
    { ...block, cidr: `10.${site.number}.0.0/16` },
    { ...block, cidr: `2001:db8:${site.number}::/48` },
    ...[...networks, management].flatMap((network) => bothFamilies(site, network)),
  ];
}

/** Router addresses, and a /31 and a /127 for each line between the sites and the two data centres (RFC 3021, RFC 6164). */
function backbone(): PlannedSubnet[] {
  const lines = sites.flatMap((site) =>
    sites.filter((hub) => isDataCentre(hub) && hub.number > site.number).map((hub) => [site, hub] as const),
  );
  const loopbacks = sites.flatMap(({ code, number }) =>
    [0, 1].map((nth) => ({
      address: `10.255.0.${2 * number + nth}`,
      hostname: `${code}-cr${nth + 1}.${domain}`,
      tags: ['router'],
    })),
  );
  const common = { vrf, tags: ['backbone'] };
  return [
    { ...common, cidr: '10.255.0.0/16', name: 'Backbone', status: 'container', hosts: [] },
    {
      ...common,
      cidr: '10.255.0.0/24',
      name: 'Router loopbacks',
      allowNetworkAndBroadcast: true,
      hosts: loopbacks,
    },
    { ...common, cidr: '10.255.1.0/24', name: 'Lines', status: 'container', hosts: [] },
    { ...common, cidr: '2001:db8:255::/48', name: 'Backbone', status: 'container', hosts: [] },
    ...lines.flatMap(([a, b], index) => {
      const name = `${a.city} – ${b.city}`;
      const ends = (address: (end: number) => string) =>
        [a, b].map(({ code }, end) => ({
          address: address(end),
          hostname: `xe-${index}.${code}-cr${(index % 2) + 1}.${domain}`,
          tags: ['router'],
        }));
      return [
        {
          ...common,
          cidr: `10.255.1.${2 * index}/31`,
          name,
          hosts: ends((end) => `10.255.1.${2 * index + end}`),
        },
        {
          ...common,
          cidr: `2001:db8:255:${index + 1}::/127`,
          name,
          hosts: ends((end) => `2001:db8:255:${index + 1}::${end === 0 ? '' : end}`),
        },
      ];
    }),
  ];
}

/** The company's own network. */
export function globalNetwork(): PlannedSubnet[] {
  return [
    {
      vrf,
      cidr: '10.0.0.0/8',
      name: 'Halden Instruments',
      status: 'container',
      tags: ['company'],
      hosts: [],
    },
    {
      vrf,
      cidr: '2001:db8::/32',
      name: 'Halden Instruments',
      status: 'container',
      tags: ['company'],
      hosts: [],
    },
    ...sites.flatMap(siteNetworks),
    {
      vrf,
      cidr: '10.1.128.0/24',
      name: 'Zürich: old laboratory',
      status: 'deprecated',
      description: 'Moved to Wien; goes when the last instrument is off.',
      tags: ['lab', 'zrh'],
      hosts: row(sites[0] as Site, '10.1.128', { kind: 'lab', maker: '00:a0:45', count: 9 }).map((host) => ({
        ...host,
        status: 'deprecated' as const,
      })),
    },
    {
      vrf,
      cidr: '10.10.0.0/16',
      name: 'Next site',
      status: 'reserved',
      description: 'Kept for the office that is to open.',
      tags: ['site'],
      hosts: [],
    },
    ...backbone(),
  ];
}
