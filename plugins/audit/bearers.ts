import { Bindings, named, type RunQuery } from '#core';
import { type Entities, type Entity, type KeyPart, quoted } from './entities.ts';
import type { Image } from './images.ts';
import type { ColumnsOf } from './table-columns.ts';

/** A record as it was at a moment: undefined where nothing is known of it, null where it was not there. */
export interface State {
  id: string;
  image: Image | null | undefined;
  /** The line of the log that had made it so; null where that is not in the log. */
  entry: number | null;
}

/** Finds records by what identified them, whatever they, or what they refer to, are called by now. */
export interface Bearers {
  /**
   * The ids of the records that had a natural key: at that moment, or if none had it then, or without a moment, at any time.
   * A reference in it is an id or a natural key (`vrf=blue`); a part that is left out may be anything.
   */
  of(entity: Entity, key: Readonly<Record<string, string>>, at?: string): Promise<string[]>;
  /** What each of some records was at a moment. */
  states(entity: Entity, ids: readonly string[], at: string): Promise<State[]>;
}

// Off the order of the log: the lines of one record are few, and those of all records would be read backwards for them.
const statesOf = named(
  'audit_states',
  `SELECT i.id, past.id AS entry, past.after AS past, next.id AS later, next.before AS next
     FROM unnest($2::text[]) i (id)
     LEFT JOIN LATERAL (
       SELECT id, after FROM (SELECT * FROM audit_log WHERE entity = $1 AND entity_id = i.id AND at <= $3 OFFSET 0) l
        ORDER BY id DESC LIMIT 1) past ON true
     LEFT JOIN LATERAL (
       SELECT id, before FROM (SELECT * FROM audit_log WHERE entity = $1 AND entity_id = i.id AND at > $3 OFFSET 0) l
        ORDER BY id LIMIT 1) next ON true`,
);

/** Makes the finder. */
export function createBearers(query: RunQuery, entities: Entities, columnsOf: ColumnsOf): Bearers {
  /** A value as the log writes it: `2001:DB8::1` is `2001:db8::1`. Throws 422 where it is none of the column's type. */
  async function canonical(entity: Entity, { field }: KeyPart, value: string): Promise<string> {
    const type = (await columnsOf(entity.table)).get(field.column)?.type ?? 'text';
    const [row] = await query<{ value: string }>(`SELECT to_jsonb($1::${type}) #>> '{}' AS value`, [value]);
    return row?.value ?? value;
  }

  /** What each part of a key must be in the table: the value itself, or one of the ids of what it names. */
  async function wanted(entity: Entity, key: Readonly<Record<string, string>>, at: string | undefined) {
    const parts = entity.key.filter(({ name }) => key[name] !== undefined);
    return Promise.all(
      parts.map(async (part) => {
        const value = String(key[part.name]);
        const other = part.of === undefined ? undefined : entities().get(part.of);
        const values = !other
          ? [await canonical(entity, part, value)]
          : /^\d{1,15}$/.test(value)
            ? [value]
            : await of(other, { [other.key.at(-1)?.name ?? '']: value }, at);
        return { column: part.field.column, values, isSubject: part === entity.key.at(-1), subject: value };
      }),
    );
  }

  type Wanted = Awaited<ReturnType<typeof wanted>>;

  async function everBorne(entity: Entity, parts: Wanted): Promise<string[]> {
    const logged = new Bindings();
    const inLog = [`entity = ${logged.bind(entity.name, 'text')}`];
    const present = new Bindings();
    const inTable: string[] = [];
    for (const { column, values, isSubject, subject } of parts) {
      if (isSubject) inLog.push(`subject = ANY(${logged.bind([...values, subject], 'text[]')})`);
      const either = logged.bind(values, 'text[]');
      const name = logged.bind(column, 'text');
      inLog.push(`(after ->> ${name} = ANY(${either}) OR before ->> ${name} = ANY(${either}))`);
      const type = (await columnsOf(entity.table)).get(column)?.type ?? 'text';
      inTable.push(`${quoted(column)} = ANY(${present.bind(values, `${type}[]`)})`);
    }
    const id = quoted(entity.id?.column ?? 'id');
    const rows = await Promise.all([
      query<{ id: string }>(
        `SELECT DISTINCT entity_id AS id FROM audit_log WHERE ${inLog.join(' AND ')}`,
        logged.values,
      ),
      query<{ id: string }>(
        `SELECT ${id}::text AS id FROM ${quoted(entity.table)} WHERE ${inTable.join(' AND ')} LIMIT 100`,
        present.values,
      ),
    ]);
    return [...new Set(rows.flat().map((row) => row.id))];
  }

  async function presentImages(entity: Entity, ids: readonly string[]): Promise<Map<string, Image>> {
    if (ids.length === 0) return new Map();
    const columns = entity.business.map(({ column }) => quoted(column));
    const id = quoted(entity.id?.column ?? 'id');
    const rows = await query<{ '#id': string }>(
      `SELECT ${id}::text AS "#id", ${columns.join(', ')} FROM ${quoted(entity.table)} WHERE ${id}::text = ANY($1::text[])`,
      [ids],
    );
    return new Map(rows.map(({ '#id': key, ...image }) => [key, image]));
  }

  async function states(entity: Entity, ids: readonly string[], at: string): Promise<State[]> {
    const rows = await query<{
      id: string;
      entry: number | null;
      past: Image | null;
      later: number | null;
      next: Image | null;
    }>(statesOf, [entity.name, ids, at]);
    // Of what nothing was logged, neither before nor since, the table has what it was.
    const silent = rows.filter(({ entry, later }) => entry === null && later === null).map(({ id }) => id);
    const present = await presentImages(entity, silent);
    return rows.map(({ id, entry, past, later, next }) => ({
      id,
      entry,
      image: entry !== null ? past : later !== null ? next : present.get(id),
    }));
  }

  async function of(entity: Entity, key: Readonly<Record<string, string>>, at?: string): Promise<string[]> {
    const parts = await wanted(entity, key, at);
    const ever = await everBorne(entity, parts);
    if (at === undefined) return ever;
    const exact = (await states(entity, ever, at)).filter(({ image }) =>
      parts.every(({ column, values }) => image && values.includes(String(image[column]))),
    );
    return exact.length > 0 ? exact.map(({ id }) => id) : ever;
  }

  return { of, states };
}
