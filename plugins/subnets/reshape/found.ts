/** How many of what stands in the way a refusal names. */
export const namedAtMost = 20;

/** Something that stands in the way: what, its block or its addresses, and how many of its kind there are in all. */
export interface Found {
  kind: 'subnet' | 'address' | 'range' | 'gateway';
  block: string | null;
  first: string | null;
  last: string | null;
  n: number;
}

const plurals = { subnet: 'subnets', address: 'addresses', range: 'ranges', gateway: 'gateways' } as const;

/** What was found, in words: `2 subnets and 1 address (10.0.0.0/26, 10.0.0.64/26, 10.0.0.129)`. */
export function counted(found: readonly Found[]): string {
  const counts = Object.entries(Object.groupBy(found, ({ kind }) => kind)).map(([kind, all = []]) => {
    const n = all[0]?.n ?? 0;
    return `${n} ${n === 1 ? kind : plurals[kind as Found['kind']]}`;
  });
  const keys = named(found);
  const hasMore = keys.length < allOf(found);
  return `${counts.join(' and ')} (${keys.join(', ')}${hasMore ? ', …' : ''})`;
}

/** The same as members of a problem: how many of each kind, and the names of up to 20. */
export function total(found: readonly Found[]): Record<string, unknown> {
  const counts = Object.fromEntries(found.map(({ kind, n }) => [plurals[kind], n]));
  return { subnets: 0, addresses: 0, ranges: 0, ...counts, named: named(found) };
}

function named(found: readonly Found[]): string[] {
  const keys = found.map(({ block, first, last }) => block ?? (last === null ? first : `${first}-${last}`));
  return [...new Set(keys.map(String))].slice(0, namedAtMost);
}

function allOf(found: readonly Found[]): number {
  return [...new Map(found.map(({ kind, n }) => [kind, n])).values()].reduce((sum, n) => sum + n, 0);
}
