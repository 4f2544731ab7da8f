import { canonicalAddress, type RunQuery } from '#core';
import type { Candidate } from './domain/rank.ts';
import type { Column, Searched } from './searched.ts';

/** What is told of a found record beside how it was found. */
export interface Shown {
  title: string;
  context: Record<string, string>;
}

/** Reads what is told of some records, by one statement; those that are gone by now are left out. Keys are `entity id`. */
export async function showRecords(
  query: RunQuery,
  found: readonly Candidate[],
  readable: readonly Searched[],
): Promise<Map<string, Shown>> {
  const byTable = new Map(readable.map((searched) => [searched.table, searched]));
  const ids = Map.groupBy(found, ({ entity }) => entity);
  const asked = readable.filter(({ entity }) => ids.has(entity));
  if (asked.length === 0) return new Map();
  const values = asked.map(({ entity }) => (ids.get(entity) ?? []).map(({ id }) => id));
  const told = asked.map(({ context }) =>
    context.filter(({ refersTo }) => refersTo === undefined || byTable.has(refersTo)),
  );
  const text = asked.map(({ table, title }, nth) => {
    const columns = (told[nth] ?? []).map((column) => contextSql(column, byTable));
    return `SELECT ${nth} AS nth, r.id, ${titleSql(title, 'r')} AS title, ARRAY[${columns.join(', ')}]::text[] AS context
      FROM ${table} r WHERE r.id = ANY ($${nth + 1}::bigint[])`;
  });
  const rows = await query<{ nth: number; id: number; title: string | null; context: (string | null)[] }>(
    text.join('\nUNION ALL\n'),
    values,
  );
  return new Map(
    rows.map(({ nth, id, title, context }) => {
      const named = (told[nth] ?? []).flatMap(({ name, refersTo }, at) => {
        const value = context[at];
        const called = refersTo === undefined ? name : name.replace(/Id$/, '');
        return value === null || value === undefined ? [] : [[called, canonicalAddress(value)]];
      });
      return [
        `${asked[nth]?.entity} ${id}`,
        { title: canonicalAddress(title ?? String(id)), context: Object.fromEntries(named) },
      ];
    }),
  );
}

/** The title of what a column refers to, or its value. */
function contextSql(column: Column, byTable: ReadonlyMap<string, Searched>): string {
  const referred = column.refersTo === undefined ? undefined : byTable.get(column.refersTo);
  if (!referred) return valueSql(column, 'r');
  return `(SELECT ${titleSql(referred.title, 't')} FROM ${referred.table} t WHERE t.id = r.${column.sql})`;
}

function titleSql(columns: readonly Column[], alias: string): string {
  return `coalesce(${columns.map((column) => `nullif(${valueSql(column, alias)}, '')`).join(', ')})`;
}

/** As text; an address without the length that every address has. */
function valueSql({ sql, type }: Column, alias: string): string {
  return type === 'INET' ? `abbrev(${alias}.${sql})` : `${alias}.${sql}::text`;
}
