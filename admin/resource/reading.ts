import { Bindings, type Database, type RunQuery } from '#core';
import { besideParameter, besideSql, wordConditions } from './beside.ts';
import type { Column } from './columns.ts';
import { conditionOf, type FilterValue } from './filters.ts';
import type { ResourceView } from './view.ts';

/** A record in wire types, by the names of its columns. */
export type Row = Record<string, unknown>;

export interface Page {
  limit: number;
  offset: number;
  sortBy: string | undefined;
  descending: boolean;
}

/** Up to here a list is counted; a longer one is estimated, or told to be longer. */
const countedUpTo = 10_000;

/** Reads the records of one view: only listed columns, only by listed filters. */
export interface Reading {
  find(filters: Readonly<Record<string, FilterValue>>, page: Page): Promise<Row[]>;
  /** Exact up to 10,000; beyond it the planner's estimate without filters, and 10,001 with them. */
  count(filters: Readonly<Record<string, FilterValue>>): Promise<number>;
  /** The first records that have all words of a text in their title and what is told with it, in the order of the list. */
  choices(text: string, limit: number): Promise<Row[]>;
  /** `query` reads in a transaction of the caller's. */
  byIds(ids: readonly (string | number)[], query?: RunQuery): Promise<Row[]>;
}

/** A page that begins behind so many records is found by the value it begins at. */
const deep = 1_000;
/** So many records before a page may have the value that it begins at. */
const equals = 100;

const idShapes = {
  bigint: /^\d{1,18}$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
  text: /^[^\0]{1,500}$/,
};

/** Makes the reader of one view. */
export function createReading(db: Database, view: ResourceView): Reading {
  const { table, id, columns } = view;
  const read = new Set([
    id.name,
    view.title,
    ...view.list,
    ...view.show,
    ...view.filter,
    ...view.create,
    ...view.change,
    ...(view.compare ? [view.compare.before, view.compare.after] : []),
    ...Object.values(view.spans).flatMap((until) => until ?? []),
    ...progressColumns(view),
  ]);
  if (view.version) read.add(view.version.name);
  const filterable = new Set([id.name, view.title, ...view.filter]);
  const sorted = view.orderedBy ?? new Set([id.name, view.title, ...view.list]);
  const chosen = [...read].flatMap((name) => columns.get(name) ?? []);
  const select = [
    ...chosen.map(({ name, sql }) => `${sql} AS "${name}"`),
    ...(view.beside.length > 0 ? [`${besideSql(view)} AS "${besideParameter}"`] : []),
  ].join(', ');

  function where(
    filters: Readonly<Record<string, FilterValue>>,
    bindings: Bindings,
    reached: string | undefined = undefined,
  ): string {
    const conditions = Object.entries(filters).flatMap(([name, value]) => {
      const column = columns.get(name);
      if (!column || !filterable.has(name)) return ['false'];
      return conditionOf(column, value, bindings) || [];
    });
    const all = reached === undefined ? conditions : [...conditions, reached];
    return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  }

  /**
   * The value of the sorted column that a page far back begins at, and how many rows of that value come before the page: found
   * in the column's index alone, where it has one. Undefined where too many rows share the value, or there is none.
   */
  async function boundary(
    filters: Readonly<Record<string, FilterValue>>,
    by: Column,
    offset: number,
    descending: boolean,
  ): Promise<{ value: unknown; skip: number } | undefined> {
    const bindings = new Bindings();
    const condition = where(filters, bindings);
    const rows = await db.query<{ value: string | null }>(
      `SELECT ${by.sql}::text AS value FROM (SELECT ${by.sql} FROM ${table} ${condition}
         ORDER BY ${by.sql} ${descending ? 'DESC' : 'ASC'}
         LIMIT ${bindings.bind(equals + 1, 'bigint')} OFFSET ${bindings.bind(offset - equals, 'bigint')}) near`,
      bindings.values,
    );
    const value = rows[equals]?.value;
    const skip = rows.slice(0, equals).filter((row) => row.value === value).length;
    return value === undefined || value === null || skip === equals ? undefined : { value, skip };
  }

  async function rowsOf(
    filters: Readonly<Record<string, FilterValue>>,
    by: Column,
    { limit, offset, descending }: Page,
    from: { value: unknown; skip: number } | undefined,
  ): Promise<Row[]> {
    const bindings = new Bindings();
    const reached = from && `${by.sql} ${descending ? '<=' : '>='} ${bindings.bind(from.value)}`;
    const condition = where(filters, bindings, reached);
    const direction = descending ? 'DESC' : 'ASC';
    const within = by === id ? `${id.sql} ${direction}` : `${by.sql} ${direction}, ${id.sql} ${direction}`;
    const { foremost } = view;
    // As the index of an inbox has it: the value is the view's own, no person's.
    const first = foremost && `(${foremost.column.sql} = '${foremost.value.replaceAll("'", "''")}') DESC`;
    const order = first ? `${first}, ${within}` : within;
    // The page's ids first, so that a page far back does not read the records before it.
    const text = `SELECT ${select} FROM ${table}
      WHERE ${id.sql} IN (SELECT ${id.sql} FROM ${table} ${condition} ORDER BY ${order}
        LIMIT ${bindings.bind(limit, 'bigint')} OFFSET ${bindings.bind(from?.skip ?? offset, 'bigint')})
      ORDER BY ${order}`;
    return db.query<Row>(text, bindings.values);
  }

  return {
    async find(filters, page) {
      const { limit, offset, sortBy, descending } = page;
      const by = sortable(columns.get(sortBy ?? ''), sorted) ?? id;
      const from =
        offset > deep && !view.foremost ? await boundary(filters, by, offset, descending) : undefined;
      const rows = await rowsOf(filters, by, page, from);
      // What has no value comes behind the last that has one.
      return from && rows.length < limit ? rowsOf(filters, by, page, undefined) : rows;
    },

    async count(filters) {
      const bindings = new Bindings();
      const condition = where(filters, bindings);
      const [row] = await db.query<{ n: number }>(
        `SELECT count(*) AS n FROM (SELECT FROM ${table} ${condition} LIMIT ${countedUpTo + 1}) found`,
        bindings.values,
      );
      const counted = row?.n ?? 0;
      if (counted <= countedUpTo || condition !== '') return counted;
      const [estimate] = await db.query<{ n: number }>(
        'SELECT reltuples::bigint AS n FROM pg_class WHERE oid = $1::regclass',
        [table],
      );
      return Math.max(counted, estimate?.n ?? 0);
    },

    async choices(text, limit) {
      const bindings = new Bindings();
      const conditions = wordConditions(view, text, bindings);
      const order = columns.get(view.order.by) ?? id;
      return db.query<Row>(
        `SELECT ${select} FROM ${table} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
          ORDER BY ${order.sql}, ${id.sql} LIMIT ${bindings.bind(limit, 'bigint')}`,
        bindings.values,
      );
    },

    async byIds(ids, query = db.query) {
      // What cannot be an id is the id of nothing.
      const sound = ids.map(String).filter((each) => idShapes[id.idType].test(each));
      if (sound.length === 0) return [];
      return query<Row>(`SELECT ${select} FROM ${table} WHERE ${id.sql} = ANY ($1::${id.idType}[])`, [sound]);
    },
  };
}

function sortable(column: Column | undefined, read: ReadonlySet<string>): Column | undefined {
  return column &&
    read.has(column.name) &&
    !['json', 'fields', 'runs', 'choice', 'boolean'].includes(column.kind)
    ? column
    : undefined;
}

/** What the bar of a record that takes its time is drawn from. */
function progressColumns({ progress }: ResourceView): readonly string[] {
  if (!progress) return [];
  const { done, total, ended, counts = [] } = progress;
  return [done, total, ended, ...counts];
}
