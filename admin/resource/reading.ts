import { Bindings, type Database } from '#core';
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
export const countedUpTo = 10_000;

/** Reads the records of one view: only listed columns, only by listed filters. */
export interface Reading {
  find(filters: Readonly<Record<string, FilterValue>>, page: Page): Promise<Row[]>;
  /** Exact up to 10,000; beyond it the planner's estimate without filters, and 10,001 with them. */
  count(filters: Readonly<Record<string, FilterValue>>): Promise<number>;
  byIds(ids: readonly (string | number)[]): Promise<Row[]>;
}

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
  ]);
  if (view.version) read.add(view.version.name);
  const chosen = [...read].flatMap((name) => columns.get(name) ?? []);
  const select = chosen.map(({ name, sql }) => `${sql} AS "${name}"`).join(', ');

  function where(filters: Readonly<Record<string, FilterValue>>, bindings: Bindings): string {
    const conditions = Object.entries(filters).flatMap(([name, value]) => {
      const column = columns.get(name);
      if (!column || !read.has(name)) return ['false'];
      return conditionOf(column, value, bindings) || [];
    });
    return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  }

  return {
    async find(filters, { limit, offset, sortBy, descending }) {
      const bindings = new Bindings();
      const condition = where(filters, bindings);
      const by = sortable(columns.get(sortBy ?? ''), read) ?? id;
      const direction = descending ? 'DESC' : 'ASC';
      const order = by === id ? `${id.sql} ${direction}` : `${by.sql} ${direction}, ${id.sql} ${direction}`;
      // The page's ids first, from the index, so that a page far back does not read the records before it.
      const text = `SELECT ${select} FROM ${table}
        WHERE ${id.sql} IN (SELECT ${id.sql} FROM ${table} ${condition} ORDER BY ${order}
          LIMIT ${bindings.bind(limit, 'bigint')} OFFSET ${bindings.bind(offset, 'bigint')}) ORDER BY ${order}`;
      return db.query<Row>(text, bindings.values);
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

    async byIds(ids) {
      // What cannot be an id is the id of nothing.
      const sound = ids.map(String).filter((each) => idShapes[id.idType].test(each));
      if (sound.length === 0) return [];
      return db.query<Row>(`SELECT ${select} FROM ${table} WHERE ${id.sql} = ANY ($1::${id.idType}[])`, [
        sound,
      ]);
    },
  };
}

function sortable(column: Column | undefined, read: ReadonlySet<string>): Column | undefined {
  return column && read.has(column.name) && column.kind !== 'json' ? column : undefined;
}
