import { type Block, blockAround, blockSize, contains, lastOf, maximalBlocks } from './block.ts';

/** What a block has besides some blocks inside it, as the fewest aligned blocks, lowest first; `inside` is in order, disjoint. */
export function blocksBeside(block: Block, inside: readonly Block[]): Block[] {
  const { family } = block;
  const beside: Block[] = [];
  let at = block.first;
  for (const each of inside) {
    if (at < each.first) beside.push(...maximalBlocks({ family, first: at, last: each.first - 1n }));
    at = lastOf(each) + 1n;
  }
  if (at <= lastOf(block)) beside.push(...maximalBlocks({ family, first: at, last: lastOf(block) }));
  return beside;
}

/** The smallest block that holds all of some blocks of one family; there must be one at least. */
export function blockOver(blocks: readonly Block[]): Block {
  const [first, ...others] = blocks;
  if (!first) throw new RangeError('There is no block over nothing.');
  let over = first;
  for (const each of others) {
    while (!contains(over, each))
      over = blockAround({ family: over.family, value: over.first }, over.length - 1);
  }
  return over;
}

/**
 * Cuts blocks of some lengths out of free ones (maximal, lowest first), in the order given: each the lowest aligned block that
 * is still free. Answers fewer than asked where one finds no room. As buddies: of the free blocks that are large enough the
 * lowest gives its lowest part, and what is left of it are the upper halves.
 */
export function cutBlocks(free: readonly Block[], lengths: readonly number[]): Block[] {
  // By length, the lowest last.
  const classes = new Map<number, Block[]>();
  const classOf = (length: number) => {
    const known = classes.get(length) ?? [];
    classes.set(length, known);
    return known;
  };
  for (const block of free.toReversed()) classOf(block.length).push(block);
  const cut: Block[] = [];
  for (const length of lengths) {
    let lowest: Block | undefined;
    for (const [size, blocks] of classes) {
      const candidate = size <= length ? blocks.at(-1) : undefined;
      if (candidate && (!lowest || candidate.first < lowest.first)) lowest = candidate;
    }
    if (!lowest) return cut;
    const { family, first } = lowest;
    classOf(lowest.length).pop();
    // What is left lies below every other free block of its length, since the block that gave it was the lowest.
    for (let half = lowest.length + 1; half <= length; half += 1) {
      classOf(half).push({ family, first: first + blockSize(family, half), length: half });
    }
    cut.push({ family, first, length });
  }
  return cut;
}

/** All blocks of one length inside a block, lowest first. */
export function equalParts({ family, first, length }: Block, partLength: number): Block[] {
  const size = blockSize(family, partLength);
  const count = 2 ** (partLength - length);
  return Array.from({ length: count }, (_, nth) => ({
    family,
    first: first + BigInt(nth) * size,
    length: partLength,
  }));
}

/** The block that was probably meant where a block was asked for that neither holds another nor lies in it. */
export function nestedAlternative(block: Block, asked: Block): Block | undefined {
  const { family, first, length } = block;
  if (asked.family !== family || asked.length === length) return undefined;
  return asked.length < length
    ? blockAround({ family, value: first }, asked.length)
    : { family, first, length: asked.length };
}
