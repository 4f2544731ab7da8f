import { gateway, row } from './hosts.ts';
import { dataCentreNetworks, management, type Network, officeNetworks, usersOf } from './networks.ts';
import { domain, type PlannedSubnet } from './plan.ts';
import { isDataCentre, type Site, sites } from './sites.ts';

const vrf = 'global';

/** One network over IPv4 and IPv6. */
function bothFamilies(
  site: Site,
  { name, tag, number, description, leases, hosts }: Network,
): PlannedSubnet[] {
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
    {
      ...common,
      cidr: `${v4}.0/24`,
      ...(leases ? { leases: [`${v4}.${leases[0]}`, `${v4}.${leases[1]}`] as const } : {}),
      hosts: [gateway(`${v4}.1`, label), ...on.v4],
    },
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
