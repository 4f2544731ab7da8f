import { z } from 'zod';
import type { RunQuery } from '../db/database.ts';
import { type ExtensionPoint, extensionPoint } from '../plugin/extension.ts';
import type { Filter } from './filters.ts';

/** Filters that no list declares, since which there are stands in the database: `customFields.owner=bob`. */
export interface OpenFilters {
  /** The field of items that they are about: every list whose items have it takes `<field>.<name>`. */
  field: string;
  /** What the API docs say of them. */
  description: string;
  /** Reads with one statement which a list has now, by what stands behind the dot; `column` is the SQL of its field. */
  load(query: RunQuery, list: { table: string; column: string }): Promise<ReadonlyMap<string, Filter>>;
}

/** Filled by plugins whose records have filters of their own making; lists made `extendedBy` take them. */
export const openFilters: ExtensionPoint<OpenFilters> = extensionPoint<OpenFilters>('lists.open');

const fields = new WeakSet<z.ZodType>();

/** What a list's query takes of open filters: pairs of a name and its texts, for `run` to look at. */
export function openSchema({ field, description }: OpenFilters): z.ZodType {
  const schema = z
    .array(z.tuple([z.string(), z.unknown()]), `It takes a name behind a dot: ${field}.<name>=…`)
    .optional()
    .meta({
      description,
      // Clients write an object of texts, as which the pairs came.
      override: ({ jsonSchema }) => {
        delete jsonSchema.items;
        Object.assign(jsonSchema, { type: 'object', additionalProperties: { type: 'string' } });
      },
      param: { style: 'deepObject', explode: true },
    });
  fields.add(schema);
  return schema;
}

/** The fields of a query that are open filters. */
export function openFields({ shape }: z.ZodObject): readonly string[] {
  return Object.entries(shape).flatMap(([name, schema]) => (fields.has(schema as z.ZodType) ? [name] : []));
}

/** A query with what is written `field.name=` or, as some clients write objects, `field[name]=`, put together as pairs under `field`. */
export function gathered(query: Record<string, unknown>, field: string): Record<string, unknown> {
  if (field in query) return query;
  const nameIn = (key: string) => {
    if (key.startsWith(`${field}.`)) return key.slice(field.length + 1);
    return key.startsWith(`${field}[`) && key.endsWith(']') ? key.slice(field.length + 1, -1) : undefined;
  };
  const given = Object.entries(query).flatMap(([key, value]) => {
    const name = nameIn(key);
    return name === undefined ? [] : [[name, value] as const];
  });
  if (given.length === 0) return query;
  const others = Object.entries(query).filter(([key]) => nameIn(key) === undefined);
  return Object.fromEntries([...others, [field, given]]);
}
