import type { z } from 'zod';
import type { RunQuery, Statement } from '../db/database.ts';
import { type ExtensionPoint, extensionPoint } from '../plugin/extension.ts';
import type { Filter } from './filters.ts';

type Items = readonly Readonly<Record<string, unknown>>[];

/** Something that a list embeds in its items when asked with `include=`. */
export interface Include {
  /** What one item gets; nullable where an item may have none. */
  schema: z.ZodType;
  /** Loads it for all items of a page at once, in their order, with one statement however many they are. */
  load(query: RunQuery, items: Items): Promise<readonly unknown[]>;
}

/** An include by reference: `field` of an item is the id; `statement` answers rows with an `id` for the ids in `$1`, or null is shown. */
export function includeById(field: string, schema: z.ZodType, statement: Statement): Include {
  return {
    schema,
    async load(query, items) {
      const ids = [...new Set(items.map((item) => item[field] as number | null))].filter((id) => id !== null);
      const rows = ids.length === 0 ? [] : await query<{ id: number }>(statement, [ids]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return items.map((item) => byId.get(item[field] as number) ?? null);
    },
  };
}

/** What a plugin adds to a list of a plugin that it requires. */
export interface ListExtension {
  /** The `listing` itself, from the public door of its plugin. */
  list: { readonly includes: readonly string[]; readonly query: z.ZodObject };
  includes?: Readonly<Record<string, Include>>;
  /** Further filters, which `q` speaks too; name them after the include: `observation.lastSeen__gte`. */
  filters?: Readonly<Record<string, Filter>>;
}

/** Filled by plugins that show their facts on another plugin's records; a name that the list has already is refused. */
export const listExtensions: ExtensionPoint<ListExtension> = extensionPoint<ListExtension>(
  'lists',
  ({ list, includes = {}, filters = {} }, others) => {
    const taken = others.filter((other) => other.list === list);
    for (const name of Object.keys(includes)) {
      if (list.includes.includes(name) || taken.some((other) => name in (other.includes ?? {})))
        throw new Error(`The list has an include "${name}" already.`);
    }
    for (const name of Object.keys(filters)) {
      if (name in list.query.shape || taken.some((other) => name in (other.filters ?? {})))
        throw new Error(`The list has a filter "${name}" already.`);
    }
  },
);
