import { bitsOf, formatIp, type Ip, type Read, readAnyIp, readIp } from './address.ts';

/** An aligned block of addresses: its first address and its prefix length. */
export interface Block {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly length: number;
}

/** How many addresses a block of this family and prefix length has. */
export function blockSize(family: 4 | 6, length: number): bigint {
  return 1n << BigInt(bitsOf(family) - length);
}

/** The last address of a block, as a number. */
export function lastOf({ family, first, length }: Block): bigint {
  return first + blockSize(family, length) - 1n;
}

/** The block of a prefix length that holds an address. */
export function blockAround({ family, value }: Ip, length: number): Block {
  const size = blockSize(family, length);
  return { family, first: value - (value % size), length };
}

/** The block that is one address. */
export function hostBlock({ family, value }: Ip): Block {
  return { family, first: value, length: bitsOf(family) };
}

/** The canonical CIDR text of a block (RFC 4632, RFC 5952). */
export function formatBlock({ family, first, length }: Block): string {
  return `${formatIp({ family, value: first })}/${length}`;
}

/** True where `outer` holds all of `inner`, or is the same. */
export function contains(outer: Block, inner: Block): boolean {
  return (
    outer.family === inner.family &&
    outer.length <= inner.length &&
    outer.first <= inner.first &&
    lastOf(inner) <= lastOf(outer)
  );
}

/** Reads a CIDR strictly; where host bits are set, says which network was probably meant. */
export function readBlock(text: string): Read<Block> {
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0) return { ok: false, why: `"${text}" is not a CIDR, as in 10.0.0.0/24` };
  const ip = readIp(address);
  if (!ip.ok) return ip;
  const bits = bitsOf(ip.value.family);
  if (prefix === undefined) {
    return { ok: false, why: `"${text}" has no prefix length, as in ${address}/${bits}` };
  }
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits || (prefix.length > 1 && prefix.startsWith('0'))) {
    return { ok: false, why: `"/${prefix}" is not a prefix length of IPv${ip.value.family}: 0 to ${bits}` };
  }
  const block = blockAround(ip.value, Number(prefix));
  if (block.first !== ip.value.value) {
    return { ok: false, why: `"${text}" has host bits set; did you mean ${formatBlock(block)}?` };
  }
  return { ok: true, value: block };
}

/** A run of addresses from `first` to `last`, both in it. */
export interface Span {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** The fewest aligned blocks that cover a span exactly, lowest first: each as large as its start and the rest allow. */
export function* maximalBlocks({ family, first, last }: Span): Generator<Block> {
  const bits = bitsOf(family);
  for (let at = first; at <= last; ) {
    let size = at === 0n ? 1n << BigInt(bits) : at & -at;
    while (at + size - 1n > last) size >>= 1n;
    yield { family, first: at, length: bits - (size.toString(2).length - 1) };
    at += size;
  }
}

/** All aligned blocks of one prefix length inside a span, lowest first. */
export function* blocksOfLength({ family, first, last }: Span, length: number): Generator<Block> {
  const size = blockSize(family, length);
  for (let at = ((first + size - 1n) / size) * size; at + size - 1n <= last; at += size) {
    yield { family, first: at, length };
  }
}

/** The addresses of a block that may be handed out: see the table in the README (RFC 3021, RFC 4291 2.6.1, RFC 6164). */
export function usableSpan(block: Block, withEdges: boolean): Span {
  const { family, first, length } = block;
  const last = lastOf(block);
  if (withEdges || length >= bitsOf(family) - 1) return { family, first, last };
  return { family, first: first + 1n, last: family === 4 ? last - 1n : last };
}

/** The block of a CIDR that the register wrote itself. */
export function blockOf(cidr: string): Block {
  const [address = '', length = ''] = cidr.split('/');
  const ip = readAnyIp(address);
  if (!ip.ok) throw new Error(ip.why);
  return { family: ip.value.family, first: ip.value.value, length: Number(length) };
}
