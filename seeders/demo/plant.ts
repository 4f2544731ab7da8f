import { gateway } from './hosts.ts';
import { domain, macOf, type PlannedHost, type PlannedSubnet } from './plan.ts';

const vrf = 'plant';

/** What stands on a production line: so many of each, by host number. */
const machines = [
  { kind: 'plc', maker: '00:0e:8c', from: 10, every: 1 },
  { kind: 'hmi', maker: '00:1b:1b', from: 60, every: 3 },
  { kind: 'robot', maker: '00:e0:e4', from: 100, every: 2 },
  { kind: 'sensor', maker: '00:30:de', from: 140, every: 1 },
];

const plants = [
  { number: 2, code: 'muc', city: 'München', lines: 8 },
  { number: 6, code: 'waw', city: 'Warszawa', lines: 5 },
];

function onLine(code: string, network: string, line: number): PlannedHost[] {
  return machines.flatMap(({ kind, maker, from, every }) => {
    const count = Math.floor(((line * 5) % 30) / every);
    return Array.from({ length: count }, (_, index) => {
      const address = `${network}.${from + index}`;
      return {
        address,
        hostname: `${code}-l${line}-${kind}-${index + 1}.plant.${domain}`,
        mac: macOf(maker, address),
        tags: [kind],
        metadata: { line },
      };
    });
  });
}

/** The machine network, which was numbered without a look at the company's: its 10.0.0.0/8 is another one. */
export function plantNetwork(): PlannedSubnet[] {
  return [
    { vrf, cidr: '10.0.0.0/8', name: 'Plants', status: 'container', hosts: [] },
    ...plants.flatMap(({ number, code, city, lines }) => [
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
          tags: ['line', code],
          hosts: [gateway(`${network}.1`, `l${line}.${code}.plant`), ...onLine(code, network, line)],
        };
      }),
    ]),
  ];
}
