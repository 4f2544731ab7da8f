import { gateway, routerPort, row, serverPort } from './hosts.ts';
import { dataCentreNetworks, management, type Network, officeNetworks, usersOf } from './networks.ts';
import { domain, type PlannedHost, type PlannedSubnet } from './plan.ts';
import { isDataCentre, type Site, sites } from './sites.ts';

const vrf = 'global';

/** One network over IPv4 and IPv6. */
function bothFamilies(
  site: Site,
  { name, tag, zone, number, description, leases, hosts }: Network,
): PlannedSubnet[] {
  const v4 = `10.${site.number}.${number}`;
  const v6 = number === 0 ? `2001:db8:${site.number}::` : `2001:db8:${site.number}:${number}::`;
  const on = hosts?.(site, v4, v6) ?? { v4: [] };
  const vid = number + 100;
  const label = `vlan${vid}.${site.code}`;
  const router = routerPort(site, 1, `irb.${vid}`);
  const common = {
    vrf,
    name: `${site.city}: ${name}`,
    tags: [tag],
    metadata: { site: site.code },
    vlan: { group: site.code, site: site.city, vid, name, role: tag },
    customFields: { zone, costCentre: `${1000 + site.number * 100 + (number % 100)}` },
    ...(description ? { description } : {}),
  };
  return [
    {
      ...common,
      cidr: `${v4}.0/24`,
      ...(leases ? { leases: [`${v4}.${leases[0]}`, `${v4}.${leases[1]}`] as const } : {}),
      hosts: [gateway(`${v4}.1`, label, router), ...on.v4],
    },
    { ...common, cidr: `${v6}/64`, hosts: [gateway(`${v6}1`, label, router), ...(on.v6 ?? [])] },
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
  const loopbacks = sites.flatMap((site) =>
    ([1, 2] as const).map(
      (nth): PlannedHost => ({
        address: `10.255.0.${2 * site.number + nth - 1}`,
        hostname: `${site.code}-cr${nth}.${domain}`,
        tags: ['router'],
        role: 'primary',
        on: routerPort(site, nth, 'lo0'),
      }),
    ),
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
        [a, b].map((site, end) => ({
          address: address(end),
          hostname: `xe-${index}.${site.code}-cr${(index % 2) + 1}.${domain}`,
          tags: ['router'],
          on: routerPort(site, index % 2 === 0 ? 1 : 2, `xe-${index}`),
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

/** What several machines answer for: the web site, by two load balancers in each data centre, and the name servers of all offices. */
function shared(): PlannedSubnet[] {
  const offices = sites.filter((site) => !isDataCentre(site));
  const nameServers = offices.map((site) => serverPort(site, 'dns', 1));
  const anycast = (address: string): PlannedHost => {
    const [on, ...alsoOn] = nameServers as [PlannedHost['on'] & object];
    return {
      address,
      hostname: `dns.${domain}`,
      role: 'anycast',
      description: 'The nearest name server',
      tags: ['dns'],
      on,
      alsoOn,
    };
  };
  const common = { vrf, name: 'Anycast services', tags: ['anycast'], customFields: { zone: 'internal' } };
  return [
    { ...common, cidr: '10.255.53.0/28', allowNetworkAndBroadcast: true, hosts: [anycast('10.255.53.1')] },
    { ...common, cidr: '2001:db8:255:53::/64', hosts: [anycast('2001:db8:255:53::1')] },
    ...sites.filter(isDataCentre).map(
      (site): PlannedSubnet => ({
        vrf,
        cidr: `10.${site.number}.11.0/28`,
        name: `${site.city}: Published services`,
        tags: ['web', 'published'],
        customFields: { zone: 'dmz' },
        hosts: [
          {
            address: `10.${site.number}.11.1`,
            hostname: `www-${site.code}.${domain}`,
            role: 'vip',
            description: 'The web site, as this data centre serves it',
            tags: ['published'],
            on: serverPort(site, 'lb', 1),
            alsoOn: [serverPort(site, 'lb', 2)],
          },
        ],
      }),
    ),
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
      tags: ['lab'],
      vlan: {
        group: 'zrh',
        site: 'Zürich',
        vid: 228,
        name: 'Old laboratory',
        role: 'lab',
        status: 'deprecated',
      },
      hosts: row(sites[0] as Site, '10.1.128', { kind: 'lab', count: 9 }).map((host) => ({
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
    ...shared(),
  ];
}
