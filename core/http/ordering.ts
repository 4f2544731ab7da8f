import type { Position } from './cursor.ts';
import type { Bindings } from './filters.ts';

/** A column that a list can be sorted by; `type` is its PostgreSQL type, for the cursor. */
export interface SortColumn {
  sql: string;
  type: string;
  nullable?: boolean;
  /** The record's id in the table of the column, where that is another table than the list's: one index then serves both. */
  idSql?: string;
}

/** How a page is ordered and where the next one begins: the sort column, then the id, both in one direction. */
export interface Ordering {
  by: string;
  valueSql: string;
  after(position: Position, bindings: Bindings): string;
}

/** The order of `field` or `-field`; what has no value comes last, whichever way. */
export function ordering(sort: string, sorts: Record<string, SortColumn>, listIdSql: string): Ordering {
  const descending = sort.startsWith('-');
  const { sql, type, nullable, idSql = listIdSql } = sorts[descending ? sort.slice(1) : sort] as SortColumn;
  const direction = descending ? 'DESC' : 'ASC';
  const beyond = descending ? '<' : '>';
  return {
    valueSql: sql,
    by: `${sql} ${direction}${nullable ? ' NULLS LAST' : ''}, ${idSql} ${direction}`,
    after({ value, id }, bindings) {
      const lastId = bindings.bind(id, 'bigint');
      if (value === null) return `(${sql} IS NULL AND ${idSql} ${beyond} ${lastId})`;
      const lastValue = bindings.bind(value, type);
      const next = `(${sql}, ${idSql}) ${beyond} (${lastValue}, ${lastId})`;
      return nullable ? `(${next} OR ${sql} IS NULL)` : next;
    },
  };
}
