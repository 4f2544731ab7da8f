import { z } from 'zod';
import type { RunQuery } from '../db/database.ts';
import { rowMaker } from '../db/rows.ts';
import type { Extensions } from '../plugin/extension.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { Bindings, type Filter } from './filters.ts';
import { type Include, listExtensions } from './include.ts';
import { listQuery, recordQuery } from './list-query.ts';
import { type OpenFilters, openFilters } from './open-filters.ts';
import { opened } from './opened.ts';
import { ordering, type SortColumn } from './ordering.ts';
import { preparedName } from './prepared.ts';
import type { Condition } from './query/compile.ts';
import { countOf } from './total.ts';
import { invalidRequest } from './validate.ts';

export interface ListingOptions<Item extends z.ZodObject> {
  item: Item;
  /** Wire field → SQL expression; `usage.total` is the field `total` of an object `usage`. */
  fields: Record<string, string>;
  from: string;
  /** The table whose size `count=estimate` tells when nothing filters. */
  table: string;
  idSql: string;
  sorts: Record<string, SortColumn>;
  /** `field` or `-field`. */
  defaultSort: string;
  filters: Record<string, Filter>;
  /** Takes `q`; `network` is the field that `within`, `withinInclude` and `contains` are about. */
  q?: { network?: string };
  /** Filters that stand in the database; those of plugins for fields that the items have come by `extendedBy`. */
  open?: readonly OpenFilters[];
  /** What `include=` embeds. */
  includes?: Record<string, Include>;
  /** Changes an item where columns alone do not do; it may write into it. */
  shape?(item: Record<string, unknown>): Record<string, unknown>;
  /** Fields that have a column and are changed by `shape` all the same, so that it has to see the whole item. */
  shaped?: readonly string[];
}

/** A list route's whole behaviour: its query schema, its reply schema, and how a page is fetched. */
export interface Listing<Item extends z.ZodObject> {
  readonly query: z.ZodObject;
  readonly page: z.ZodObject<{
    items: z.ZodArray<Item>;
    nextCursor: z.ZodNullable<z.ZodString>;
    total: z.ZodNullable<z.ZodInt>;
  }>;
  /** The query of a route that shows one record: `fields` and `include`. */
  readonly recordQuery: z.ZodObject;
  /** An item with what can be included. */
  readonly record: Item;
  /** The names that `include=` takes. */
  readonly includes: readonly string[];
  /** `scope` is a condition that the route itself adds (the children of one record), with its values bound. */
  run(query: RunQuery, parameters: Record<string, unknown>, scope?: Condition): Promise<Page<z.input<Item>>>;
  /** A record as `fields` and `include` ask for it; they are written into it. */
  complete(
    query: RunQuery,
    record: z.input<Item>,
    parameters: Record<string, unknown>,
  ): Promise<z.input<Item>>;
  /** The cursor of this list in its default order behind one item: the sort column's value as text, and the id. */
  cursorAfter(value: string, id: number): string;
  /** The same list with what plugins add to it, known once all are set up: for a service to answer with and a route to show. */
  extendedBy(ctx: { extensions: Extensions['of'] }): Listing<Item>;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
  total: number | null;
}

/** Declares a list once: filters, `q`, sorting, keyset paging and includes follow, and so does its documentation. */
export function listing<Item extends z.ZodObject>(options: ListingOptions<Item>): Listing<Item> {
  const own: Listing<Item> = {
    ...built(options),
    extendedBy(ctx) {
      let made: ReturnType<typeof built<Item>> | undefined;
      const whole = () => {
        made ??= built(extended(options, own, ctx));
        return made;
      };
      return {
        get query() {
          return whole().query;
        },
        get page() {
          return whole().page;
        },
        get recordQuery() {
          return whole().recordQuery;
        },
        get record() {
          return whole().record;
        },
        get includes() {
          return whole().includes;
        },
        run: (...call) => whole().run(...call),
        complete: (...call) => whole().complete(...call),
        cursorAfter: own.cursorAfter,
        extendedBy: own.extendedBy,
      };
    },
  };
  return own;
}

function extended<Item extends z.ZodObject>(
  options: ListingOptions<Item>,
  list: Listing<Item>,
  { extensions }: { extensions: Extensions['of'] },
): ListingOptions<Item> {
  const added = extensions(listExtensions).filter((extension) => extension.list === list);
  return {
    ...options,
    includes: Object.assign({}, options.includes, ...added.map(({ includes }) => includes)),
    filters: Object.assign({}, options.filters, ...added.map(({ filters }) => filters)),
    open: extensions(openFilters).filter(({ field }) => field in options.fields),
  };
}

function built<Item extends z.ZodObject>(options: ListingOptions<Item>): Omit<Listing<Item>, 'extendedBy'> {
  const {
    item,
    fields,
    from,
    idSql,
    sorts,
    defaultSort,
    includes = {},
    shape = (row) => row,
    shaped = [],
  } = options;
  const filters = new Map(Object.entries(options.filters));
  const record = Object.keys(includes).length === 0 ? item : including(item, includes);
  const page = z.object({
    items: z.array(record),
    nextCursor: z.string().nullable(),
    total: z.int().nullable(),
  });

  /** Adds what is included to each item, and leaves out what was not asked for. */
  async function completed(
    runQuery: RunQuery,
    items: readonly Record<string, unknown>[],
    { include = [], fields: picked }: { include?: readonly string[]; fields?: readonly string[] },
  ): Promise<Record<string, unknown>[]> {
    const loaded = await Promise.all(
      include.map(async (name) => (await includes[name]?.load(runQuery, items)) ?? []),
    );
    return items.map((whole, at) => {
      const shown = picked ? Object.fromEntries(picked.map((name) => [name, whole[name]])) : whole;
      for (const [nth, name] of include.entries()) shown[name] = loaded[nth]?.[at];
      return shown;
    });
  }

  async function run(
    runQuery: RunQuery,
    parameters: Record<string, unknown>,
    scope?: Condition,
  ): Promise<Page<z.input<Item>>> {
    const asked = parameters as {
      sort?: string;
      limit?: number;
      cursor?: string;
      count?: string;
      q?: Condition;
      fields?: string[];
      include?: string[];
    };
    const bindings = new Bindings();
    const conditions = scope ? [scope(bindings)] : [];
    for (const [name, value] of Object.entries(parameters)) {
      const filter = value === undefined ? undefined : filters.get(name);
      if (filter) conditions.push(filter.condition([value].flat(), bindings));
    }
    conditions.push(...(await opened(runQuery, options, parameters)).map((condition) => condition(bindings)));
    const filtered = [...conditions];
    const countValues = [...bindings.values];
    const { sort = defaultSort, limit = 50, cursor } = asked;
    const order = ordering(sort, sorts, idSql);
    if (cursor !== undefined) conditions.push(order.after(decodeCursor(cursor, sort), bindings));
    // Where only columns are asked for, nothing else is read; what is made of several columns needs them all.
    const only =
      asked.fields && !asked.include && asked.fields.every((name) => name in fields && !shaped.includes(name))
        ? asked.fields
        : undefined;
    const names = only ?? Object.keys(fields);
    const columns = names.map((name) => `${fields[name]} AS "${name}"`);
    const text = `SELECT ${columns.join(', ')}, ${order.valueSql}::text AS "_value", ${idSql}::text AS "_id"
      FROM ${from} ${where(conditions)} ORDER BY ${order.by} LIMIT ${limit + 1}`;
    const isPlain = filtered.length === (scope ? 1 : 0) && sort === defaultSort && !only;
    const statement = { text, asArrays: true, ...(isPlain ? preparedName(text) : {}) };
    const rows = await checked(runQuery<unknown[]>(statement, bindings.values), cursor);
    const shown = rows.slice(0, limit);
    const items = shown.map(rowMaker<Record<string, unknown>>(names));
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: (only
        ? items
        : asked.fields || asked.include
          ? await completed(runQuery, items.map(shape), asked)
          : items.map(shape)) as z.input<Item>[],
      nextCursor: last
        ? encodeCursor(sort, {
            value: last[names.length] as string | null,
            id: last[names.length + 1] as string,
          })
        : null,
      total: await countOf(asked.count, options, where(filtered), runQuery, countValues),
    };
  }

  return {
    query: listQuery(options),
    page: page as never,
    recordQuery: recordQuery(options),
    record: record as never,
    includes: Object.keys(includes),
    run,
    async complete(runQuery, whole, parameters) {
      const [shown] = await completed(runQuery, [whole as Record<string, unknown>], parameters);
      return shown as z.input<Item>;
    },
    cursorAfter: (value, id) => encodeCursor(defaultSort, { value, id: String(id) }),
  };
}

/** A record with what can be embedded in it: one object, since no object is two that each refuse what they do not know. */
function including(item: z.ZodObject, includes: Record<string, Include>): z.ZodObject {
  const embedded = Object.entries(includes).map(([name, { schema }]) => [name, schema.optional()]);
  const whole = item.extend(Object.fromEntries(embedded));
  const id = item.meta()?.id;
  return id === undefined ? whole : whole.meta({ id: `${id}WithIncludes` });
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** A value that a cursor claims may not be castable any more; that is the client's fault, not ours. */
async function checked<T>(rows: Promise<T>, cursor: unknown): Promise<T> {
  return rows.catch((fault: { status?: number }) => {
    if (cursor === undefined || fault.status !== 422) throw fault;
    throw invalidRequest([
      {
        path: 'query.cursor',
        code: 'bad-cursor',
        message: 'It is not a cursor of this list; start again without it.',
      },
    ]);
  });
}
