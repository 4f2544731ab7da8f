import { named, type RunQuery } from '#core';

/** How many pages each table has on disk, by its name. */
export type Sizes = ReadonlyMap<string, number>;

const pagesOf = named(
  'table_pages',
  `SELECT name, pg_relation_size(name::regclass) / current_setting('block_size')::int AS pages FROM unnest($1::text[]) name`,
);

/** Reads the sizes of tables (quoted names), once a minute: they are for choosing a way to search, not for counting. */
export function createSizes(
  query: RunQuery,
  tables: () => readonly string[],
  keep = 60_000,
): () => Promise<Sizes> {
  let known: { sizes: Promise<Sizes>; until: number } | undefined;

  async function read(): Promise<Sizes> {
    const rows = await query<{ name: string; pages: number }>(pagesOf, [tables()]);
    return new Map(rows.map(({ name, pages }) => [name, pages]));
  }
  return () => {
    if (known && performance.now() < known.until) return known.sizes;
    const entry = { sizes: read(), until: performance.now() + keep };
    known = entry;
    // A failure is not kept: the next search reads them again.
    entry.sizes.catch(() => {
      if (known === entry) known = undefined;
    });
    return entry.sizes;
  };
}
