import { reservedIn } from './domain/reserved.ts';
import {
  addressAt,
  addressesFrom,
  largestFirst,
  middleOf,
  type Run,
  sizeOf,
  sizeOfAll,
  startsIn,
} from './domain/runs.ts';
import type { FreeSpace } from './free-space.ts';
import type { AddressStrategy } from './strategies.ts';

/** The space without the interface identifiers that are reserved in an IPv6 /64 (RFC 5453). */
function forHosts(space: FreeSpace): FreeSpace {
  return space.without(reservedIn(space.family, space.prefixLength, space.block));
}

const first: AddressStrategy = {
  name: 'first',
  summary: 'The lowest that is free.',
  async pick(space, { count, contiguous }) {
    const picked: bigint[] = [];
    for await (const run of space.runs({ least: contiguous ? count : 1 })) {
      const room = sizeOf(run);
      const wanted = BigInt(count - picked.length);
      picked.push(...addressesFrom(run.first, Number(room < wanted ? room : wanted)));
      if (picked.length === count) return picked;
    }
    return undefined;
  },
};

const last: AddressStrategy = {
  name: 'last',
  summary: 'The highest that is free.',
  async pick(space, { count, contiguous }) {
    const picked: bigint[] = [];
    for await (const run of forHosts(space).runs({ from: 'highest', least: contiguous ? count : 1 })) {
      if (contiguous) return addressesFrom(run.last - BigInt(count) + 1n, count);
      for (let at = run.last; at >= run.first && picked.length < count; at -= 1n) picked.push(at);
      if (picked.length === count) return picked;
    }
    return undefined;
  },
};

const random: AddressStrategy = {
  name: 'random',
  summary: 'Any that is free, each as likely as any other.',
  async pick(space, { count, contiguous }) {
    const places = forHosts(space);
    const [length, wanted] = contiguous ? [count, 1] : [1, count];
    const picked =
      (await drawBlindly(places, length, wanted)) ?? (await drawFromList(places, length, wanted));
    return contiguous ? picked?.flatMap((start) => addressesFrom(start, length)) : picked;
  },
};

/** So many places are listed rather than tried. */
const fewPlaces = 256n;

/**
 * Draws from everything that may be handed out and keeps what is free: what is kept is spread evenly over what is free, at a cost
 * that does not depend on how much that is. Undefined where too little of it is.
 */
async function drawBlindly(space: FreeSpace, length: number, wanted: number): Promise<bigint[] | undefined> {
  const starts = startsIn(space.windows, BigInt(length));
  const places = sizeOfAll(starts);
  if (places <= fewPlaces) return undefined;
  const kept = new Set<bigint>();
  for (let round = 0; round < 2; round += 1) {
    const drawn = Array.from({ length: 64 + 2 * wanted }, (): Run => {
      const at = addressAt(starts, space.draw(places));
      return { first: at, last: at + BigInt(length) - 1n };
    });
    const areFree = await space.areFree(drawn);
    for (const [index, { first: start }] of drawn.entries()) {
      if (areFree[index]) kept.add(start);
      if (kept.size === wanted) return [...kept];
    }
  }
  return undefined;
}

/** Lists every free run and draws from those, each place once. */
async function drawFromList(space: FreeSpace, length: number, wanted: number): Promise<bigint[] | undefined> {
  const runs: Run[] = [];
  for await (const run of space.runs({ least: length })) runs.push(run);
  const starts = startsIn(runs, BigInt(length));
  const places = sizeOfAll(starts);
  if (places < BigInt(wanted)) return undefined;
  // Floyd's way to draw without putting back: every set of places is as likely as any other.
  const ranks = new Set<bigint>();
  for (let top = places - BigInt(wanted); top < places; top += 1n) {
    const drawn = space.draw(top + 1n);
    ranks.add(ranks.has(drawn) ? top : drawn);
  }
  return [...ranks].map((rank) => addressAt(starts, rank));
}

const sparse: AddressStrategy = {
  name: 'sparse',
  summary: 'The middle of the largest gap, so that each has room to grow.',
  async pick(space, { count, contiguous }) {
    const length = contiguous ? count : 1;
    // A gap that is not among the largest `count` cannot come to be the largest.
    const gaps = await space.largest({ most: contiguous ? 1 : count });
    const picked: bigint[] = [];
    while (picked.length < count) {
      const gap = gaps.shift();
      if (!gap || sizeOf(gap) < BigInt(length)) return undefined;
      const start = middleOf(gap, BigInt(length));
      picked.push(...addressesFrom(start, length));
      for (const half of [
        { first: gap.first, last: start - 1n },
        { first: start + BigInt(length), last: gap.last },
      ]) {
        if (half.last >= half.first) insert(gaps, half);
      }
    }
    return picked;
  },
};

/** Puts a gap where it belongs among those that are sorted already. */
function insert(gaps: Run[], gap: Run): void {
  let [low, high] = [0, gaps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (largestFirst(gaps[middle] as Run, gap) < 0) low = middle + 1;
    else high = middle;
  }
  gaps.splice(low, 0, gap);
}

/** What comes with Cadastre; the first is what is taken where nobody chooses. */
export const builtInAddressStrategies: readonly AddressStrategy[] = [first, last, random, sparse];
