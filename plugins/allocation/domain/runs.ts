/** Addresses from `first` to `last`, both among them, as numbers. */
export interface Run {
  readonly first: bigint;
  readonly last: bigint;
}

/** How many addresses a run has. */
export function sizeOf({ first, last }: Run): bigint {
  return last - first + 1n;
}

/** How many addresses some disjoint runs have in all. */
export function sizeOfAll(runs: readonly Run[]): bigint {
  return runs.reduce((sum, run) => sum + sizeOf(run), 0n);
}

/** What is left of disjoint runs, lowest first, where the holes are taken out; these may overlap, in any order. */
export function without(runs: readonly Run[], holes: readonly Run[]): Run[] {
  const sorted = holes.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  return runs.flatMap((run) => {
    const left: Run[] = [];
    let at = run.first;
    for (const { first, last } of sorted) {
      if (last < at || first > run.last) continue;
      if (first > at) left.push({ first: at, last: first - 1n });
      at = last + 1n;
    }
    if (at <= run.last) left.push({ first: at, last: run.last });
    return left;
  });
}

/** Where a run of `length` addresses may begin in each of some runs; those that are too short for it fall out. */
export function startsIn(runs: readonly Run[], length: bigint): Run[] {
  return runs.flatMap((run) =>
    sizeOf(run) < length ? [] : [{ first: run.first, last: run.last - length + 1n }],
  );
}

/** The address of a rank, counted from 0 through some disjoint runs. */
export function addressAt(runs: readonly Run[], rank: bigint): bigint {
  let left = rank;
  for (const run of runs) {
    const size = sizeOf(run);
    if (left < size) return run.first + left;
    left -= size;
  }
  throw new RangeError(`These runs have no address of rank ${rank}.`);
}

/** The addresses of a run of `length` that begins at `first`. */
export function addressesFrom(first: bigint, length: number): bigint[] {
  return Array.from({ length }, (_, index) => first + BigInt(index));
}

/** Where `length` addresses in the middle of a run begin; of two middles the lower. */
export function middleOf(run: Run, length: bigint): bigint {
  return run.first + (sizeOf(run) - length) / 2n;
}

/** The start of the aligned block of `size` addresses in the middle of a run; of two the lower, undefined where none fits. */
export function alignedMiddle({ first, last }: Run, size: bigint): bigint | undefined {
  const lowest = (first + size - 1n) / size;
  const highest = (last + 1n) / size - 1n;
  return highest < lowest ? undefined : ((lowest + highest) / 2n) * size;
}

/** Larger runs before smaller ones, lower before higher ones of the same size: an order for `sort`. */
export function largestFirst(a: Run, b: Run): number {
  const [sizeA, sizeB] = [sizeOf(a), sizeOf(b)];
  if (sizeA !== sizeB) return sizeA > sizeB ? -1 : 1;
  return a.first < b.first ? -1 : 1;
}
