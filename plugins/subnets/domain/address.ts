/** An IP address: its family and its value as an unsigned integer of 32 or 128 bits. */
export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** What was read, or a sentence that says why not. */
export type Read<T> = { ok: true; value: T } | { ok: false; why: string };

const no = (why: string): { ok: false; why: string } => ({ ok: false, why });

/** How many bits an address of this family has. */
export function bitsOf(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

function readIpv4(text: string): Read<Ip> {
  const parts = text.split('.');
  if (!parts.every((part) => /^\d{1,10}$/.test(part))) return no(`"${text}" is not an IP address`);
  if (parts.length !== 4) return no(`"${text}" is shorthand; write all four numbers, as in 10.0.0.1`);
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    const plain = parts.map((part) => String(Number(part))).join('.');
    return no(`"${text}" has leading zeros, which some read as octal; did you mean ${plain}?`);
  }
  const bytes = parts.map(Number);
  const tooLarge = bytes.find((byte) => byte > 255);
  if (tooLarge !== undefined) return no(`"${text}" is not an IPv4 address: ${tooLarge} is larger than 255`);
  return {
    ok: true,
    value: { family: 4, value: bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) },
  };
}

/** The 16-bit groups of one side of `::`; a dotted quad may stand at the very end (RFC 4291, 2.2). */
function readGroups(text: string, mayEndInQuad: boolean): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && mayEndInQuad && index === parts.length - 1) {
      const quad = readIpv4(part);
      if (!quad.ok) return undefined;
      groups.push(quad.value.value >> 16n, quad.value.value & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else return undefined;
  }
  return groups;
}

function readIpv6(text: string): Read<Ip> {
  const wrong = no(`"${text}" is not an IPv6 address`);
  const sides = text.split('::');
  if (sides.length > 2) return wrong;
  const [left = '', right] = sides;
  const head = readGroups(left, right === undefined);
  const tail = right === undefined ? [] : readGroups(right, true);
  if (!head || !tail) return wrong;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return wrong;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...tail];
  const value = groups.reduce((sum, group) => sum * 65_536n + group, 0n);
  return { ok: true, value: { family: 6, value } };
}

/** Reads what the register wrote itself: also the IPv6 addresses that people should write as IPv4, for runs may end there. */
export function readAnyIp(text: string): Read<Ip> {
  return text.includes(':') ? readIpv6(text) : readIpv4(text);
}

/** Reads an address strictly: no shorthand, leading zeros, zone, mapped IPv4 or prefix length. */
export function readIp(text: string): Read<Ip> {
  if (text.length > 60) return no('It is too long for an IP address');
  if (text.includes('%'))
    return no(`"${text}" has a zone id, which means nothing outside one host; leave out what follows the %`);
  if (text.includes('/')) return no(`"${text}" has a prefix length; an address is written without one`);
  const ip = readAnyIp(text);
  if (!ip.ok || ip.value.family === 4 || ip.value.value >> 32n !== 0xffffn) return ip;
  const plain = formatIp({ family: 4, value: ip.value.value & 0xffff_ffffn });
  return no(`"${text}" is an IPv4 address mapped into IPv6; write ${plain}`);
}

/** The canonical text of an address: dotted quad, or RFC 5952 (lower case, longest run of zeros shortened, the first of equals). */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (groups[index] === '0') continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}
