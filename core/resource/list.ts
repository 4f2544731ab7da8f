import type { z } from 'zod';
import { type Filter, referenceFilters } from '../http/filters.ts';
import type { Include } from '../http/include.ts';
import { type Listing, listing } from '../http/listing.ts';
import type { SortColumn } from '../http/ordering.ts';
import { commonListing } from './common.ts';
import type { Fields } from './field.ts';
import { isReference, type RecordShape } from './shapes.ts';
import { columnOf, includeTarget, nameOf, type Target } from './target.ts';

/** What a list's table is called in its SQL. */
export const alias = 'r';

interface Parts<F extends Fields> {
  fields: F;
  schema: z.ZodObject;
  table: string;
  defaultSort: string;
  targetOf(field: string): Target;
  filters: Readonly<Record<string, Filter>>;
  includes: Readonly<Record<string, Include>>;
}

/** What reads each field of a record. */
function selected(fields: Fields): Record<string, string> {
  const own = Object.entries(fields).map(([name, { read }]) => [
    name,
    read?.(alias) ?? `${alias}.${columnOf(name)}`,
  ]);
  return { id: `${alias}.id`, ...Object.fromEntries(own), ...commonListing(alias).fields };
}

/** The SELECT list of whole records. */
export function columnsOf(fields: Fields): string {
  return Object.entries(selected(fields))
    .map(([name, sql]) => `${sql} AS "${name}"`)
    .join(', ');
}

/** The list of a resource: every field shown, filtered by its kind, sorted where it can be; references by id or by name. */
export function listOf<F extends Fields>(parts: Parts<F>): Listing<z.ZodObject<RecordShape<F>>> {
  const { fields, schema, table, defaultSort, targetOf } = parts;
  const common = commonListing(alias);
  const sorts: Record<string, SortColumn> = { ...common.sorts };
  const filters: Record<string, Filter> = { ...common.filters };
  const includes: Record<string, Include> = {};
  for (const [name, field] of Object.entries(fields)) {
    const { sort: type, collate, nullable } = field;
    const sql = `${alias}.${columnOf(name)}`;
    if (type) sorts[name] = { sql: collate ? `${sql} COLLATE ${collate}` : sql, type, nullable };
    Object.assign(filters, field.filters(name, sql));
    if (!isReference(field)) continue;
    const target = targetOf(name);
    Object.assign(filters, referenceFilters(nameOf(name), sql, target.table, target.namedBy));
    includes[nameOf(name)] = includeTarget(name, target, nullable);
  }
  return listing({
    item: schema,
    fields: selected(fields),
    from: `${table} ${alias}`,
    table,
    idSql: `${alias}.id`,
    sorts,
    defaultSort,
    filters: { ...filters, ...parts.filters },
    q: {},
    includes: { ...includes, ...parts.includes },
  }) as never;
}
