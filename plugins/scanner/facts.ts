import type { ConflictKind, ObservedState, Recorded, Seen } from './domain/conclude.ts';

/** What the register and former scans say of an address; the fields of its row are null where it has none. */
export interface Fact {
  address: string;
  subnetId: number;
  addressId: number | null;
  status: string | null;
  role: string | null;
  hostname: string | null;
  mac: string | null;
  deviceId: number | null;
  interfaceId: number | null;
  /** The MACs of the interface that holds it, or of its device. */
  holderMacs: string[];
  wasState: ObservedState | null;
  wasMisses: number | null;
  wasSeen: boolean;
}

/** What may answer for an address: its own MAC where it has one, else those of its holder. */
export function recordedOf({ status, role, hostname, mac, holderMacs }: Fact): Recorded {
  return { status: status ?? undefined, role, hostname, macs: mac === null ? holderMacs : [mac] };
}

/** An address on which register and network disagree. */
export interface Clash {
  readonly fact: Fact;
  readonly kind: ConflictKind;
  readonly seen: Seen;
}
