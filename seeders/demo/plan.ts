import type { z } from 'zod';
import type { CustomFieldService } from '#plugins/customfields';
import type { newSubnet, SubnetsApi } from '#plugins/subnets';
import type { Kind } from './kinds.ts';

/** A field of the company's own. */
type NewField = Parameters<CustomFieldService['create']>[1];

type Kept<Input, Key extends keyof Input> = { [K in Key]?: Exclude<Input[K], null | undefined> };

/** The interface that an address is used on; the plan's devices are those that are named so. */
export interface PlannedUse {
  device: string;
  kind: Kind;
  /** The name of the site where the device stands. */
  site: string;
  interface: string;
  /** Where the address itself does not tell. */
  mac?: string;
}

/** An address of the plan: one with a role is registered, any other is handed out, and `released` ones are taken back again. */
export interface PlannedHost {
  address: string;
  status?: 'reserved' | 'assigned' | 'quarantined' | 'deprecated';
  hostname?: string;
  mac?: string;
  description?: string;
  expiresAt?: string;
  tags?: string[];
  metadata?: Record<string, string | number>;
  role?: 'gateway' | 'primary' | 'vip' | 'anycast';
  released?: true;
  on?: PlannedUse;
  /** Further holders of a vip or anycast address. */
  alsoOn?: readonly PlannedUse[];
}

/** A subnet of the plan with what lies straight in it. */
export interface PlannedSubnet
  extends Kept<z.output<typeof newSubnet>, 'description' | 'status' | 'tags' | 'allowNetworkAndBroadcast'> {
  vlan?: PlannedVlan;
  /** What the company's own fields say of it. */
  customFields?: Record<string, string>;
  vrf: string;
  cidr: string;
  name: string;
  metadata?: Record<string, string | number>;
  /** First and last address that a DHCP server hands out itself. */
  leases?: readonly [string, string];
  hosts: readonly PlannedHost[];
}

/** A device of the plan with its interfaces by their names. */
export interface PlannedDevice {
  name: string;
  type: string;
  vendor: string;
  model: string;
  serial: string;
  assetTag: string;
  site: string;
  status: 'active' | 'offline' | 'failed' | 'staged' | 'decommissioning';
  tags: string[];
  customFields: Record<string, string>;
  interfaces: Map<string, { name: string; type: string; mac?: string; speed?: number; mtu?: number }>;
}

/** A site of the plan. */
export interface PlannedSite {
  name: string;
  /** The name of the site in which it lies. */
  parent?: string;
  status?: 'planned' | 'active';
  facility?: string;
  address?: string;
  latitude?: number;
  longitude?: number;
  description?: string;
  tags?: string[];
  customFields?: Record<string, string>;
}

/** A VLAN of the plan: it is made once, for all subnets that name it. */
export interface PlannedVlan {
  /** The name of its group, and of the site where that is. */
  group: string;
  site: string;
  vid: number;
  name: string;
  role: string;
  status?: 'active' | 'reserved' | 'deprecated';
}

/** A pool of the plan; its subnets are those with these CIDRs in the VRF `global`. */
export interface PlannedPool {
  name: string;
  description: string;
  subnets: readonly string[];
}

/** The whole demo network: sites and subnets come after those that contain them. */
export interface Plan {
  tags: readonly { name: string; color: string; inherited?: boolean; description?: string }[];
  customFields: readonly NewField[];
  sites: readonly PlannedSite[];
  devices: readonly PlannedDevice[];
  vrfs: readonly Parameters<SubnetsApi['vrfs']['create']>[1][];
  subnets: readonly PlannedSubnet[];
  pools: readonly PlannedPool[];
}

/** The domain of the company that the demo network belongs to (RFC 2606). */
export const domain = 'halden.example';

/** A repeatable source of numbers from 0 to 1 (mulberry32), its own for each text. */
function numbersFor(text: string): () => number {
  let state = [...text].reduce((sum, char) => Math.imul(sum ^ char.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many different numbers between two bounds, lowest first; the same ones for the same text every time. */
export function pickNumbers(text: string, from: number, to: number, count: number): number[] {
  const next = numbersFor(text);
  const pool = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const picked = pool.slice(0, count).map((_, index) => {
    const at = index + Math.floor(next() * (pool.length - index));
    [pool[index], pool[at]] = [pool[at] as number, pool[index] as number];
    return pool[index] as number;
  });
  return picked.toSorted((a, b) => a - b);
}

/** A MAC address that is the maker's in front and the host's own behind: the last three bytes of its IPv4 address. */
export function macOf(maker: string, ipv4: string): string {
  const bytes = ipv4.split('.').slice(1);
  return `${maker}:${bytes.map((byte) => Number(byte).toString(16).padStart(2, '0')).join(':')}`;
}
