import { type Block, bitsOf, lastOf, type Span, sizeOf } from './ip.ts';

const lengthOf = ({ first, last }: Span) => last - first + 1n;
const bigger = (a: Span, b: Span) => (lengthOf(b) > lengthOf(a) ? b : a);

/** What is left of runs without some blocks. */
export function outside(runs: readonly Span[], family: 4 | 6, blocks: readonly Block[]): Span[] {
  return blocks
    .filter((block) => block.family === family)
    .reduce<Span[]>(
      (left, block) =>
        left.flatMap(({ first, last }) => [
          ...(first < block.first ? [{ first, last: last < block.first ? last : block.first - 1n }] : []),
          ...(last > lastOf(block)
            ? [{ first: first > lastOf(block) ? first : lastOf(block) + 1n, last }]
            : []),
        ]),
      [...runs],
    );
}

/** What no host gets in an IPv6 /64, as blocks. */
export function reservedBlocks({ family, first, length }: Block): Block[] {
  if (family !== 6 || length !== 64) return [];
  return [
    { family, first, length: 128 },
    { family, first: first + 0x0200_5eff_fe00_0000n, length: 104 },
    { family, first: first + 0xfdff_ffff_ffff_ff80n, length: 121 },
  ];
}

const row = (first: bigint, count: number) => Array.from({ length: count }, (_, n) => first + BigInt(n));

/** What a strategy takes of free runs, lowest first; undefined where there is no room. Plain and slow: one at a time. */
export function takeOf(
  runs: readonly Span[],
  strategy: string,
  count: number,
  contiguous: boolean,
): bigint[] | undefined {
  if (!contiguous) {
    const taken: bigint[] = [];
    let left = [...runs];
    for (let n = 0; n < count; n += 1) {
      const [one] = takeOf(left, strategy, 1, true) ?? [];
      if (one === undefined) return undefined;
      taken.push(one);
      const isIn = ({ first, last }: Span) => first <= one && one <= last;
      const halves = ({ first, last }: Span) => [
        { first, last: one - 1n },
        { first: one + 1n, last },
      ];
      left = left.flatMap((run) => (isIn(run) ? halves(run).filter((half) => lengthOf(half) > 0n) : [run]));
    }
    return taken;
  }
  const size = BigInt(count);
  const roomy = runs.filter((run) => lengthOf(run) >= size);
  const [lowest, highest] = [roomy[0], roomy.at(-1)];
  if (!lowest || !highest) return undefined;
  if (strategy === 'first') return row(lowest.first, count);
  if (strategy === 'last') return row(highest.last - size + 1n, count);
  const gap = roomy.reduce(bigger);
  return row(gap.first + (lengthOf(gap) - size) / 2n, count);
}

/** The block that `sparse` takes of the free runs of a subnet. */
export function sparseBlock(subnet: Block, runs: readonly Span[], length: number): Block | undefined {
  const { family } = subnet;
  const size = 1n << BigInt(bitsOf(family) - length);
  const fitting = ({ first, last }: Span) => {
    const blocks = { first: (first + size - 1n) / size, last: (last + 1n) / size - 1n };
    return blocks.first <= blocks.last ? blocks : undefined;
  };
  const roomy = runs.filter(fitting);
  if (roomy.length === 0) return undefined;
  const gap = roomy.reduce(bigger);
  const blocks = fitting(gap) as Span;
  const isEmpty = lengthOf(gap) === sizeOf(subnet);
  const nth = isEmpty ? blocks.first : (blocks.first + blocks.last) / 2n;
  return { family, first: nth * size, length };
}
