import { domain, macOf, type PlannedHost, pickNumbers } from './plan.ts';
import { person, type Site } from './sites.ts';

const { floor } = Math;

/** A /24 by its first three bytes, as in `10.1.16`. */
type Network24 = string;

/** The router's address in a subnet. */
export function gateway(address: string, name: string): PlannedHost {
  return {
    address,
    role: 'gateway',
    status: 'reserved',
    hostname: `gw-${name}.${domain}`,
    description: 'Default gateway',
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
  { kind, maker, count, from = 10 }: { kind: string; maker: string; count: number; from?: number },
): PlannedHost[] {
  return Array.from({ length: count }, (_, index) => {
    const address = `${network}.${from + index}`;
    const number = String(index + 1).padStart(2, '0');
    const host: PlannedHost = {
      address,
      hostname: `${site.code}-${kind}-${number}.${domain}`,
      mac: macOf(maker, address),
      tags: [kind],
    };
    if (index % 17 === 13)
      return { ...host, status: 'deprecated', description: 'To be taken down this year' };
    return host;
  });
}

/** What stands in the server network of an office; the same host numbers again in its IPv6 network. */
export const officeServices = ['dc', 'dc', 'dns', 'dns', 'dhcp', 'file', 'print', 'nvr', 'radius', 'badge'];

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
      hostname: `${site.code}-${service}-${String(nth).padStart(2, '0')}.${domain}`,
      mac: macOf('00:50:56', address),
      tags: ['server', service],
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
