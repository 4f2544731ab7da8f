import type { RunQuery } from '../db/database.ts';

/** The `total` of a list: null unless asked for, the planner's estimate, or an exact count of what `where` lets through. */
export async function countOf(
  mode: string | undefined,
  { from, table }: { from: string; table: string },
  where: string,
  query: RunQuery,
  values: readonly unknown[],
): Promise<number | null> {
  if (mode === undefined || mode === 'none') return null;
  if (mode === 'exact') {
    const [row] = await query<{ n: number }>(`SELECT count(*) AS n FROM ${from} ${where}`, values);
    return row?.n ?? 0;
  }
  if (where === '') {
    const [row] = await query<{ n: number }>(
      'SELECT reltuples::bigint AS n FROM pg_class WHERE oid = $1::regclass',
      [table],
    );
    // -1 until the table is first analysed; the planner then guesses from its size on disk.
    if (row && row.n >= 0) return row.n;
  }
  const [plan] = await query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM ${from} ${where}`,
    values,
  );
  return Math.round(plan?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}
