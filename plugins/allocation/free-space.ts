import type { RunQuery } from '#core';
import { bitsOf, formatIp, readAnyIp } from '#plugins/subnets';
import { largestFirst, type Run, without } from './domain/runs.ts';
import { areFree, findBlock, freeRuns, freeTotal, largestRuns } from './queries.ts';
import type { DrawBelow } from './random.ts';

/**
 * What is free in one subnet, as a strategy sees it: read inside the transaction that hands out, under the subnet's lock, so that
 * it stays as it is until the strategy has picked. Addresses are numbers of 32 or 128 bits.
 */
export interface FreeSpace {
  readonly family: 4 | 6;
  /** Length of the subnet's prefix. */
  readonly prefixLength: number;
  /** All addresses of the subnet. */
  readonly block: Run;
  /** Where addresses may be picked, lowest first: the usable ones, without what the request leaves out; free or not. */
  readonly windows: readonly Run[];
  /** The free runs, one after the other; those of `least` addresses at least. Stop when you have enough: they are read in pages. */
  runs(options?: { from?: 'lowest' | 'highest'; least?: number }): AsyncIterable<Run>;
  /** The largest free runs, largest first, of equals the lowest first; with `roomFor`, those that hold an aligned block of that length. */
  largest(options?: { most?: number; roomFor?: number }): Promise<Run[]>;
  /** How many addresses are free. */
  total(): Promise<bigint>;
  /** Of some runs, whether each is free as a whole. */
  areFree(runs: readonly Run[]): Promise<boolean[]>;
  /** The same space without some addresses. */
  without(holes: readonly Run[]): FreeSpace;
  /** Draws a number from 0 up to, not including, `below`. Use it instead of Math.random, so that tests can foresee it. */
  draw: DrawBelow;
}

/** What is free in a subnet that is to hand out subnets. */
export interface BlockSpace extends FreeSpace {
  /** The start of the free aligned block of a length that one of these finds by an index, however many spans there are. */
  findBlock(by: 'first' | 'best-fit', prefixLength: number): Promise<bigint | undefined>;
}

/** The subnet that a space is of. */
export interface SpaceOf {
  id: number;
  family: 4 | 6;
  prefixLength: number;
  block: Run;
  windows: readonly Run[];
}

/** A run as the database writes it. */
export interface RunRow {
  first: string;
  last: string;
}

const firstPage = 32;
const largestPage = 2048;

/** An address that the database wrote, as a number. */
export function numberOf(text: string): bigint {
  const ip = readAnyIp(text);
  if (!ip.ok) throw new Error(ip.why);
  return ip.value.value;
}

/** A run that the database wrote, in numbers. */
export function runOf({ first, last }: RunRow): Run {
  return { first: numberOf(first), last: numberOf(last) };
}

/** Opens the view of a subnet's free space; whoever calls holds its lock. */
export function viewSpace(query: RunQuery, draw: DrawBelow, of: SpaceOf): BlockSpace {
  const { id, family, block, windows } = of;
  const text = (value: bigint) => formatIp({ family, value });
  const firsts = (runs: readonly Run[]) => runs.map(({ first }) => text(first));
  const lasts = (runs: readonly Run[]) => runs.map(({ last }) => text(last));

  async function* runs({ from = 'lowest', least = 1 }: { from?: 'lowest' | 'highest'; least?: number } = {}) {
    let left = windows;
    for (let most = firstPage; left.length > 0; most = Math.min(4 * most, largestPage)) {
      const parameters = [id, firsts(left), lasts(left), least, most, from === 'highest'];
      const page = (await query<RunRow>(freeRuns, parameters)).map(runOf);
      yield* page;
      const end = page.at(-1);
      if (!end || page.length < most) return;
      const seen =
        from === 'highest' ? { first: end.first, last: block.last } : { first: block.first, last: end.last };
      left = without(left, [seen]);
    }
  }

  return {
    ...of,
    runs,
    async largest({ most = 1, roomFor = bitsOf(family) } = {}) {
      if (windows.length === 0) return [];
      const found = await query<RunRow>(largestRuns, [id, firsts(windows), lasts(windows), most, roomFor]);
      return found.map(runOf).sort(largestFirst).slice(0, most);
    },
    async total() {
      const [row] = await query<{ total: string }>(freeTotal, [id, firsts(windows), lasts(windows)]);
      return BigInt(row?.total ?? 0);
    },
    async areFree(wanted) {
      const [row] = await query<{ free: boolean[] }>(areFree, [id, firsts(wanted), lasts(wanted)]);
      return wanted.map(
        ({ first, last }, index) =>
          row?.free[index] === true && windows.some((window) => window.first <= first && last <= window.last),
      );
    },
    without: (holes) => viewSpace(query, draw, { ...of, windows: without(windows, holes) }),
    draw,
    async findBlock(by, prefixLength) {
      const [row] = await query<{ block: string | null }>(findBlock, [id, prefixLength, by]);
      return row?.block ? numberOf(row.block.split('/')[0] ?? '') : undefined;
    },
  };
}
