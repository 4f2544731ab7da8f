import { gateway } from './hosts.ts';
import { type Kind, kinds } from './kinds.ts';
import { domain, macOf, type PlannedHost, type PlannedSubnet, type PlannedUse } from './plan.ts';

const vrf = 'plant';

/** What stands on a production line: so many of each, by host number. */
const machines: readonly { kind: Kind; from: number; every: number }[] = [
  { kind: 'plc', from: 10, every: 1 },
  { kind: 'hmi', from: 60, every: 3 },
  { kind: 'robot', from: 100, every: 2 },
  { kind: 'sensor', from: 140, every: 1 },
];

/** Where the machines stand: `site` is the name of the plant's site. */
const plants = [
  { number: 2, code: 'muc', city: 'München', site: 'München plant', lines: 8 },
  { number: 6, code: 'waw', city: 'Warszawa', site: 'Warszawa plant', lines: 5 },
];

function onLine(code: string, site: string, network: string, line: number): PlannedHost[] {
  return machines.flatMap(({ kind, from, every }) => {
    const count = Math.floor(((line * 5) % 30) / every);
    return Array.from({ length: count }, (_, index) => {
      const address = `${network}.${from + index}`;
      const device = `${code}-l${line}-${kind}-${index + 1}`;
      return {
        address,
        hostname: `${device}.plant.${domain}`,
        mac: macOf(kinds[kind].maker, address),
        tags: [kind],
        metadata: { line },
        on: { device, kind, site, interface: 'eth0' },
      };
    });
  });
}

/** The interface of a plant's firewall on a line. */
function firewallPort(code: string, site: string, line: number): PlannedUse {
  const mac = macOf(kinds.firewall.maker, `10.0.0.${code === 'muc' ? 1 : 2}`);
  return { device: `${code}-plant-fw1`, kind: 'firewall', site, interface: `vlan${100 + line}`, mac };
}

/** The machine network, which was numbered without a look at the company's: its 10.0.0.0/8 is another one. */
export function plantNetwork(): PlannedSubnet[] {
  return [
    { vrf, cidr: '10.0.0.0/8', name: 'Plants', status: 'container', hosts: [] },
    ...plants.flatMap(({ number, code, city, site, lines }) => [
      {
        vrf,
        cidr: `10.${number}.0.0/16`,
        name: `Plant ${city}`,
        status: 'container' as const,
        tags: ['plant', code],
        hosts: [],
      },
      ...Array.from({ length: lines }, (_, index) => {
        const line = index + 1;
        const network = `10.${number}.${line}`;
        return {
          vrf,
          cidr: `${network}.0/24`,
          name: `Plant ${city}: line ${line}`,
          tags: ['line'],
          vlan: { group: `${code}-plant`, site, vid: 100 + line, name: `Line ${line}`, role: 'line' },
          customFields: { zone: 'production', costCentre: `${4000 + number * 100 + line}` },
          hosts: [
            gateway(`${network}.1`, `l${line}.${code}.plant`, firewallPort(code, site, line)),
            ...onLine(code, site, network, line),
          ],
        };
      }),
    ]),
  ];
}
