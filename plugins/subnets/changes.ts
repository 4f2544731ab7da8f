/** Column and value pairs of a patch: only what was given, under the database's names, JSON as text. */
export interface Assignment {
  /** `name = $2, status = $3`; empty where nothing was given. */
  sql: string;
  values: unknown[];
}

/** Builds the SET list of an UPDATE; placeholders start at `from`. `columns` maps wire fields to column names. */
export function assignmentOf(
  patch: Record<string, unknown>,
  columns: Record<string, string>,
  from: number,
): Assignment {
  const given = Object.entries(columns).filter(([field]) => patch[field] !== undefined);
  return {
    sql: given.map(([, column], index) => `${column} = $${from + index}`).join(', '),
    values: given.map(([field]) => (field === 'metadata' ? JSON.stringify(patch[field]) : patch[field])),
  };
}
