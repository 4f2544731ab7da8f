import { z } from 'zod';
import type { RunQuery } from '../db/database.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { Bindings, type Filter } from './filters.ts';
import { queryInteger } from './schemas.ts';
import { invalidRequest, nearNames } from './validate.ts';

/** A column that a list can be sorted by; `type` is its PostgreSQL type, for the cursor. */
export interface SortColumn {
  sql: string;
  type: string;
  nullable?: boolean;
}

export interface ListingOptions<Item extends z.ZodObject> {
  item: Item;
  /** Wire field → SQL expression. */
  fields: Record<string, string>;
  from: string;
  /** The table whose size `count=estimate` tells when nothing filters. */
  table: string;
  idSql: string;
  sorts: Record<string, SortColumn>;
  /** `field` or `-field`. */
  defaultSort: string;
  filters: Record<string, Filter>;
  /** Turns a row into a wire item, where columns alone do not do. */
  shape?(row: Record<string, unknown>): Record<string, unknown>;
}

/** A list route's whole behaviour: its query schema, its reply schema, and how a page is fetched. */
export interface Listing<Item extends z.ZodObject> {
  readonly query: z.ZodObject;
  readonly page: z.ZodObject<{
    items: z.ZodArray<Item>;
    nextCursor: z.ZodNullable<z.ZodString>;
    total: z.ZodNullable<z.ZodInt>;
  }>;
  /** `scope` is a condition that the route itself adds (the children of one record), with its values bound. */
  run(
    query: RunQuery,
    parameters: Record<string, unknown>,
    scope?: (bindings: Bindings) => string,
  ): Promise<Page<z.input<Item>>>;
  /** The cursor of this list in its default order behind one item: the sort column's value as text, and the id. */
  cursorAfter(value: string, id: number): string;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
  total: number | null;
}

/** The largest page a client may ask for. */
const mostPerPage = 1000;
const paging = {
  limit: queryInteger(1, mostPerPage).optional().meta({ description: 'Items per page; 50 unless told.' }),
  cursor: z.string().max(2000).optional().meta({ description: '`nextCursor` of the page before.' }),
  count: z.enum(['none', 'estimate', 'exact']).optional().meta({
    description: '`total` is null unless asked for; an estimate is free, an exact count reads every match.',
  }),
};

/** Declares a list once: filters, sorting and keyset paging follow, and so does its documentation. */
export function listing<Item extends z.ZodObject>(options: ListingOptions<Item>): Listing<Item> {
  const { item, fields, from, idSql, sorts, filters, defaultSort } = options;
  const sortNames = Object.keys(sorts).flatMap((name) => [name, `-${name}`]);
  const fieldNames = Object.keys(item.shape);
  const query = z.strictObject({
    ...paging,
    sort: z
      .string()
      .refine((name) => sortNames.includes(name), {
        error: ({ input }) => unknownChoice(String(input), sortNames),
      })
      .optional()
      .meta({ description: `One of ${Object.keys(sorts).join(', ')}; with - in front, descending.` }),
    fields: z
      .string()
      .refine((list) => list.split(',').every((name) => fieldNames.includes(name)), {
        error: ({ input }) =>
          unknownChoice(
            String(input)
              .split(',')
              .find((name) => !fieldNames.includes(name)) ?? '',
            fieldNames,
          ),
      })
      .optional()
      .meta({ description: 'Only these fields, separated by commas.' }),
    ...Object.fromEntries(Object.entries(filters).map(([name, filter]) => [name, filter.schema.optional()])),
  }) as z.ZodObject;
  const page = z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.int().nullable(),
  });

  async function run(
    runQuery: RunQuery,
    parameters: Record<string, unknown>,
    scope?: (bindings: Bindings) => string,
  ): Promise<Page<z.input<Item>>> {
    const bindings = new Bindings();
    const conditions = scope ? [scope(bindings)] : [];
    for (const [name, filter] of Object.entries(filters)) {
      const value = parameters[name];
      if (value !== undefined) conditions.push(filter.condition([value].flat(), bindings));
    }
    const filtered = [...conditions];
    const countValues = [...bindings.values];
    const sort = (parameters.sort as string | undefined) ?? defaultSort;
    const limit = (parameters.limit as number | undefined) ?? 50;
    const order = ordering(sort, sorts, idSql);
    if (parameters.cursor !== undefined) {
      conditions.push(order.after(decodeCursor(parameters.cursor as string, sort), bindings));
    }
    const picked = (parameters.fields as string | undefined)?.split(',');
    const columns = Object.entries(fields).map(([name, sql]) => `${sql} AS "${name}"`);
    const text = `SELECT ${columns.join(', ')}, ${order.valueSql}::text AS "_value", ${idSql}::text AS "_id"
      FROM ${from} ${where(conditions)} ORDER BY ${order.by} LIMIT ${limit + 1}`;
    const rows = await checked(runQuery<Record<string, unknown>>(text, bindings.values), parameters.cursor);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((row) => wireItem(row, options, picked)) as z.input<Item>[],
      nextCursor: last
        ? encodeCursor(sort, { value: last._value as string | null, id: last._id as string })
        : null,
      total: await total(runQuery, parameters.count as string | undefined, filtered, countValues),
    };
  }

  async function total(
    runQuery: RunQuery,
    mode: string | undefined,
    conditions: string[],
    values: unknown[],
  ) {
    if (mode === undefined || mode === 'none') return null;
    if (mode === 'exact') {
      const [row] = await runQuery<{ n: number }>(
        `SELECT count(*) AS n FROM ${from} ${where(conditions)}`,
        values,
      );
      return row?.n ?? 0;
    }
    if (conditions.length === 0) {
      const [row] = await runQuery<{ n: number }>(
        'SELECT reltuples::bigint AS n FROM pg_class WHERE oid = $1::regclass',
        [options.table],
      );
      // -1 until the table is first analysed; the planner then guesses from its size on disk.
      if (row && row.n >= 0) return row.n;
    }
    const [plan] = await runQuery<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
      `EXPLAIN (FORMAT JSON) SELECT 1 FROM ${from} ${where(conditions)}`,
      values,
    );
    return Math.round(plan?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
  }

  return {
    query,
    page: page as never,
    run,
    cursorAfter: (value, id) => encodeCursor(defaultSort, { value, id: String(id) }),
  };
}

function unknownChoice(given: string, known: readonly string[]): string {
  const near = nearNames(given, known);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : `it takes ${known.filter((n) => !n.startsWith('-')).join(', ')}.`;
  return `"${given}" is not possible here; ${hint}`;
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

function ordering(sort: string, sorts: Record<string, SortColumn>, idSql: string) {
  const descending = sort.startsWith('-');
  const { sql, type, nullable } = sorts[descending ? sort.slice(1) : sort] as SortColumn;
  const direction = descending ? 'DESC' : 'ASC';
  const beyond = descending ? '<' : '>';
  const by = `${sql} ${direction}${nullable ? ' NULLS LAST' : ''}, ${idSql} ${direction}`;
  return {
    valueSql: sql,
    by,
    after({ value, id }: { value: string | null; id: string }, bindings: Bindings): string {
      const lastId = bindings.bind(id, 'bigint');
      if (value === null) return `(${sql} IS NULL AND ${idSql} ${beyond} ${lastId})`;
      const lastValue = bindings.bind(value, type);
      const next = `(${sql}, ${idSql}) ${beyond} (${lastValue}, ${lastId})`;
      return nullable ? `(${next} OR ${sql} IS NULL)` : next;
    },
  };
}

function wireItem(
  row: Record<string, unknown>,
  { shape }: Pick<ListingOptions<z.ZodObject>, 'shape'>,
  picked: readonly string[] | undefined,
): Record<string, unknown> {
  const { _value, _id, ...fields } = row;
  const whole = shape ? shape(fields) : fields;
  return picked ? Object.fromEntries(picked.map((name) => [name, whole[name]])) : whole;
}
