import { named, type RunQuery } from '#core';
import { quoted } from './entities.ts';

/** A column as the database has it; `type` is SQL. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
}

/** The columns of a table, by name. */
export type ColumnsOf = (table: string) => Promise<ReadonlyMap<string, TableColumn>>;

const statement = named(
  'audit_columns_of',
  `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS "notNull" FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
);

/** Asks the catalogue once per table: tables change by migrations, and those run before anything is asked. */
export function createColumnsOf(query: RunQuery): ColumnsOf {
  const known = new Map<string, ReadonlyMap<string, TableColumn>>();
  return async (table) => {
    const before = known.get(table);
    if (before) return before;
    const rows = await query<TableColumn>(statement, [quoted(table)]);
    const columns = new Map(rows.map((row) => [row.name, row]));
    known.set(table, columns);
    return columns;
  };
}
