/** An address of the model: its family and its value, and nothing of the code that is tested. */
export interface Ip {
  family: 4 | 6;
  value: bigint;
}

export interface Block {
  family: 4 | 6;
  first: bigint;
  length: number;
}

export interface Span {
  first: bigint;
  last: bigint;
}

export const bitsOf = (family: 4 | 6) => (family === 4 ? 32 : 128);
export const sizeOf = ({ family, length }: Block) => 1n << BigInt(bitsOf(family) - length);
export const lastOf = (block: Block) => block.first + sizeOf(block) - 1n;
export const around = ({ family, value }: Ip, length: number): Block => {
  const low = BigInt(bitsOf(family) - length);
  return { family, first: (value >> low) << low, length };
};
export const holds = (outer: Block, inner: Block) =>
  outer.family === inner.family && outer.first <= inner.first && lastOf(inner) <= lastOf(outer);
export const hostBlock = ({ family, value }: Ip): Block => ({ family, first: value, length: bitsOf(family) });

/** Text that PostgreSQL reads; IPv6 in full. */
export function ipText({ family, value }: Ip): string {
  const parts = family === 4 ? [24, 16, 8, 0] : [112, 96, 80, 64, 48, 32, 16, 0];
  const mask = family === 4 ? 0xffn : 0xffffn;
  return parts
    .map((shift) => ((value >> BigInt(shift)) & mask).toString(family === 4 ? 10 : 16))
    .join(family === 4 ? '.' : ':');
}

export const blockText = ({ family, first, length }: Block) =>
  `${ipText({ family, value: first })}/${length}`;

export function ipOf(text: string): Ip {
  if (!text.includes(':')) {
    return { family: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  // Where PostgreSQL writes the last 32 bits as IPv4 does.
  const [quad] = /[\d.]+\.\d+$/.exec(text) ?? [];
  if (quad !== undefined) {
    const low = ipOf(quad).value;
    return ipOf(`${text.slice(0, -quad.length)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const [head = [], tail = []] = text.split('::').map((side) => side.split(':').filter(Boolean));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return { family: 6, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

export function blockOf(text: string): Block {
  const [address = '', length = ''] = text.split('/');
  const { family, value } = ipOf(address);
  return { family, first: value, length: Number(length) };
}

/** The lowest aligned block of a length inside a span. */
export function blockIn(family: 4 | 6, { first, last }: Span, length: number): Block | undefined {
  const size = sizeOf({ family, first, length });
  const block = { family, first: ((first + size - 1n) / size) * size, length };
  return lastOf(block) <= last ? block : undefined;
}
