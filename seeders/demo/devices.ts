import { kinds } from './kinds.ts';
import type { PlannedDevice, PlannedHost, PlannedSubnet, PlannedUse } from './plan.ts';

/** Words of a status that are rarer than `active`, each for every so many devices, from some device on. */
const rarer = [
  { status: 'offline', every: 97, from: 31 },
  { status: 'failed', every: 211, from: 60 },
  { status: 'staged', every: 151, from: 90 },
  { status: 'decommissioning', every: 127, from: 101 },
] as const;

/** A port by its name: the loopback and those of VLANs are none that one could touch. */
function portOf(name: string): { type: string; speed?: number; mtu?: number } {
  if (/^(lo|irb|vlan)/.test(name)) return { type: 'virtual' };
  if (name.startsWith('xe-')) return { type: '10gbase-x-sfpp', speed: 10_000_000, mtu: 9192 };
  return { type: '1000base-t', speed: 1_000_000 };
}

/** Serial numbers as they are printed: letters and digits, each once. */
const serialOf = (nth: number) => (2_176_782_336 + nth * 104_729).toString(36).toUpperCase();

/** The devices whose interfaces addresses of the plan are used on, in the order of these. */
export function devicesOf(subnets: readonly PlannedSubnet[]): PlannedDevice[] {
  const devices = new Map<string, PlannedDevice>();
  const use = ({ device: name, kind, site, interface: port, mac }: PlannedUse, host: PlannedHost) => {
    const { isAddressed: _, maker: __, ...model } = { isAddressed: undefined, ...kinds[kind] };
    const nth = devices.size;
    const device = devices.get(name) ?? {
      ...model,
      name,
      site,
      serial: serialOf(nth),
      assetTag: `HI-${100_000 + nth}`,
      status: rarer.find(({ every, from }) => nth % every === from)?.status ?? 'active',
      tags: [kind],
      customFields: {
        warrantyUntil: `${2027 + (nth % 4)}-${String(1 + (nth % 12)).padStart(2, '0')}-28`,
        ...(kind === 'san' || kind === 'ups' ? { rack: `${'ABCDEF'[nth % 6]}${1 + (nth % 12)}` } : {}),
      },
      interfaces: new Map(),
    };
    if (host.status === 'deprecated') device.status = 'decommissioning';
    const given = mac ?? host.mac;
    if (!device.interfaces.has(port)) {
      device.interfaces.set(port, { name: port, ...portOf(port), ...(given ? { mac: given } : {}) });
    }
    devices.set(name, device);
  };
  for (const host of subnets.flatMap(({ hosts }) => hosts)) {
    for (const each of [...(host.on ? [host.on] : []), ...(host.alsoOn ?? [])]) use(each, host);
  }
  return [...devices.values()];
}
