import assert from 'node:assert/strict';
import { builtInAddressStrategies } from './address-strategies.ts';
import { largestFirst, type Run, sizeOf, sizeOfAll, without } from './domain/runs.ts';
import type { FreeSpace } from './free-space.ts';
import { secureDraw } from './random.ts';
import { Random } from './testing/random.ts';

/** A space made of runs in memory; `windows` are what may be handed out, free or not. */
function spaceOf(free: readonly Run[], windows: readonly Run[], draw: FreeSpace['draw']): FreeSpace {
  const block = { first: windows[0]?.first ?? 0n, last: windows.at(-1)?.last ?? 0n };
  return {
    family: 4,
    prefixLength: 8,
    block,
    windows,
    draw,
    async *runs({ from = 'lowest', least = 1 } = {}) {
      const all = free.filter((run) => sizeOf(run) >= BigInt(least));
      yield* from === 'lowest' ? all : all.toReversed();
    },
    largest: async ({ most = 1 } = {}) => free.toSorted(largestFirst).slice(0, most),
    total: async () => sizeOfAll(free),
    areFree: async (runs) =>
      runs.map((run) => free.some(({ first, last }) => first <= run.first && run.last <= last)),
    without: (holes) => spaceOf(without(free, holes), without(windows, holes), draw),
  };
}

function seeded(seed: number): FreeSpace['draw'] {
  const random = new Random(seed);
  return (below) => BigInt(random.int(0, Number(below) - 1));
}

const strategy = (name: string) => {
  const found = builtInAddressStrategies.find((each) => each.name === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
};

/** How far counts are from being alike: chi-squared, whose mean is one less than there are counts. */
function chiSquared(counts: readonly number[]): number {
  const mean = counts.reduce((sum, each) => sum + each, 0) / counts.length;
  return counts.reduce((sum, each) => sum + (each - mean) ** 2 / mean, 0);
}

describe('the strategy random', () => {
  const cases = {
    'by trying, where much is free': [
      { first: 0n, last: 999n },
      { first: 3000n, last: 3499n },
    ],
    'from a list, where nearly nothing is': [
      { first: 17n, last: 18n },
      { first: 500n, last: 500n },
      { first: 3990n, last: 3999n },
    ],
  };
  for (const [how, free] of Object.entries(cases)) {
    it(`takes each free address as likely as any other: ${how}`, async () => {
      const space = spaceOf(free, [{ first: 0n, last: 3999n }], seeded(7));
      const addresses = free.flatMap(({ first, last }) =>
        Array.from({ length: Number(last - first + 1n) }, (_, n) => first + BigInt(n)),
      );
      const counts = new Map(addresses.map((each) => [each, 0]));
      for (let n = 0; n < 20 * addresses.length; n += 1) {
        const [at] = (await strategy('random').pick(space, { count: 1, contiguous: false })) ?? [];
        counts.set(at as bigint, (counts.get(at as bigint) ?? Number.NaN) + 1);
      }
      const freedom = addresses.length - 1;
      const off = (chiSquared([...counts.values()]) - freedom) / Math.sqrt(2 * freedom);
      assert.ok(Math.abs(off) < 4, `${off} standard deviations off`);
    });
  }

  it('places a row as likely here as there', async () => {
    // Rows of three may begin at 0, 1, 2 and at 10.
    const free = [
      { first: 0n, last: 4n },
      { first: 10n, last: 12n },
    ];
    const counts = new Map<bigint, number>();
    const space = spaceOf(free, [{ first: 0n, last: 15n }], seeded(3));
    for (let n = 0; n < 2000; n += 1) {
      const [at] = (await strategy('random').pick(space, { count: 3, contiguous: true })) ?? [];
      counts.set(at as bigint, (counts.get(at as bigint) ?? 0) + 1);
    }
    assert.deepEqual(new Set(counts.keys()), new Set([0n, 1n, 2n, 10n]));
    assert.ok(chiSquared([...counts.values()]) < 16);
  });

  it('takes sets of addresses evenly too', async () => {
    const counts = new Map<string, number>();
    const space = spaceOf([{ first: 0n, last: 4n }], [{ first: 0n, last: 9n }], seeded(5));
    for (let n = 0; n < 5000; n += 1) {
      const set = (await strategy('random').pick(space, { count: 2, contiguous: false })) ?? [];
      const key = set.map(String).sort().join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.equal(counts.size, 10);
    assert.ok(chiSquared([...counts.values()]) < 30);
  });
});

describe('a secure draw', () => {
  it('is below its bound, and reaches all that is', () => {
    for (const below of [1n, 2n, 3n, 10n, 256n, 257n]) {
      const drawn = new Set(Array.from({ length: 40 * Number(below) }, () => secureDraw(below)));
      assert.ok([...drawn].every((each) => each >= 0n && each < below));
      if (below <= 10n) assert.equal(drawn.size, Number(below));
    }
    assert.ok(Array.from({ length: 50 }, () => secureDraw(2n ** 64n)).some((each) => each >= 2n ** 63n));
  });
});
