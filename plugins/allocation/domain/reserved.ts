import type { Run } from './runs.ts';

/** Interface identifiers that no host should be given: IANA's registry of RFC 5453, with the anycast ones of RFC 2526. */
const reservedIdentifiers: readonly Run[] = [
  // Subnet-router anycast (RFC 4291).
  { first: 0x0n, last: 0x0n },
  // IANA's Ethernet block, that of Proxy Mobile IPv6 in it (RFC 4291, RFC 6543).
  { first: 0x0200_5eff_fe00_0000n, last: 0x0200_5eff_feff_ffffn },
  // Subnet anycast (RFC 2526).
  { first: 0xfdff_ffff_ffff_ff80n, last: 0xfdff_ffff_ffff_ffffn },
];

/** The addresses of a subnet with reserved interface identifiers; only an IPv6 /64 has interface identifiers. */
export function reservedIn(family: 4 | 6, prefixLength: number, { first }: Run): Run[] {
  if (family !== 6 || prefixLength !== 64) return [];
  return reservedIdentifiers.map((each) => ({ first: first + each.first, last: first + each.last }));
}
