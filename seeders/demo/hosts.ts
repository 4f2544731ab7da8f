import { type Kind, kinds, roleOn } from './kinds.ts';
import { domain, macOf, type PlannedHost, type PlannedUse, pickNumbers } from './plan.ts';
import { person, type Site } from './sites.ts';

const { floor } = Math;

/** A /24 by its first three bytes, as in `10.1.16`. */
type Network24 = string;

/** The router's address in a subnet, on the interface that it has there. */
export function gateway(address: string, name: string, on: PlannedUse): PlannedHost {
  return {
    address,
    role: 'gateway',
    status: 'reserved',
    hostname: `gw-${name}.${domain}`,
    description: 'Default gateway',
    on,
  };
}

/** An interface of one of the two routers of a site. */
export function routerPort({ code, city, number }: Site, nth: 1 | 2, port: string): PlannedUse {
  // The ports of a router share its MAC address but for those with cables of their own.
  const last = port.startsWith('xe-') ? 16 + Number(port.slice(3)) : nth;
  return {
    device: `${code}-cr${nth}`,
    kind: 'router',
    site: city,
    interface: port,
    mac: macOf(kinds.router.maker, `10.${number}.${nth}.${last}`),
  };
}

/** So many host numbers of a /24, never the gateway's. */
const hostNumbers = (network: Network24, fill: number) => pickNumbers(network, 2, 254, floor(fill * 253));

/** Notebooks and desktops of one floor: a few in conflict, some handed in and free again. */
export function workplaces(site: Site, network: Network24, fill: number): PlannedHost[] {
  const story = Number(network.split('.')[2]) - 15;
  return hostNumbers(network, fill).map((number, index) => {
    const address = `${network}.${number}`;
    const asset = site.number * 10_000 + story * 1000 + number;
    const kind = number % 5 === 0 ? 'desktop' : 'notebook';
    const host: PlannedHost = {
      address,
      hostname: `${site.code}-${kind === 'desktop' ? 'pc' : 'nb'}-${asset}.${domain}`,
      mac: macOf(kind === 'desktop' ? '00:1e:4f' : '3c:22:fb', address),
      tags: [kind],
      metadata: { owner: person(asset), asset },
    };
    if (index % 83 === 41)
      return {
        ...host,
        status: 'quarantined',
        description: 'Answers with a MAC address that is not its own',
      };
    if (index % 29 === 11) return { ...host, released: true, description: `Was ${kind} ${asset}, handed in` };
    if (index % 61 === 23)
      return {
        ...host,
        expiresAt: '2036-12-31T22:00:00Z',
        tags: [kind, 'contractor'],
        description: 'Contractor',
      };
    return host;
  });
}

/** Desk phones. */
export function phones(site: Site, network: Network24, fill: number): PlannedHost[] {
  return hostNumbers(network, fill).map((number) => {
    const address = `${network}.${number}`;
    return {
      address,
      hostname: `${site.code}-phone-${number}.${domain}`,
      mac: macOf('00:04:f2', address),
      tags: ['phone'],
      metadata: { extension: 2000 + site.number * 300 + number },
    };
  });
}

/** Machines that stand in a row and are numbered: printers, access points, switches, cameras. */
export function row(
  site: Site,
  network: Network24,
  { kind, count, from = 10 }: { kind: Kind; count: number; from?: number },
): PlannedHost[] {
  return Array.from({ length: count }, (_, index) => {
    const address = `${network}.${from + index}`;
    const number = String(index + 1).padStart(2, '0');
    const device = `${site.code}-${kind}-${number}`;
    const host: PlannedHost = {
      address,
      hostname: `${device}.${domain}`,
      mac: macOf(kinds[kind].maker, address),
      tags: [kind],
      ...roleOn(kind),
      on: { device, kind, site: site.city, interface: kind === 'sw' ? 'mgmt0' : 'eth0' },
    };
    if (index % 17 === 13)
      return { ...host, status: 'deprecated', description: 'To be taken down this year' };
    return host;
  });
}

/** What stands in the server network of an office; the same host numbers again in its IPv6 network. */
export const officeServices = ['dc', 'dc', 'dns', 'dns', 'dhcp', 'file', 'print', 'nvr', 'radius', 'badge'];

const serverName = ({ code }: Site, service: string, nth: number) =>
  `${code}-${service}-${String(nth).padStart(2, '0')}`;

/** The interface of one of the servers for a service. */
export function serverPort(site: Site, service: string, nth: number): PlannedUse {
  return { device: serverName(site, service, nth), kind: 'server', site: site.city, interface: 'eth0' };
}

/** Servers with a name each and room kept for the next, over IPv4 and IPv6 (`::10` for .10). */
export function servers(
  site: Site,
  network: Network24,
  network6: string,
  services: readonly string[],
): { v4: PlannedHost[]; v6: PlannedHost[] } {
  const seen = new Map<string, number>();
  const both = services.map((service, index) => {
    const nth = (seen.get(service) ?? 0) + 1;
    seen.set(service, nth);
    const number = 10 + index;
    const address = `${network}.${number}`;
    const common = {
      hostname: `${serverName(site, service, nth)}.${domain}`,
      mac: macOf(kinds.server.maker, address),
      tags: ['server', service],
      ...roleOn('server'),
      on: serverPort(site, service, nth),
    };
    return { v4: { ...common, address }, v6: { ...common, address: `${network6}${number}` } };
  });
  const kept = [10, 11].map(
    (more): PlannedHost => ({
      address: `${network}.${10 + services.length + more}`,
      status: 'reserved',
      description: 'Kept for the next cluster node',
      tags: ['server'],
    }),
  );
  return { v4: [...both.map(({ v4 }) => v4), ...kept], v6: both.map(({ v6 }) => v6) };
}
