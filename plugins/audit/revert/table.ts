import type { RunQuery, Tx } from '#core';
import { type Entity, type Field, quoted } from '../entities.ts';
import type { ColumnsOf, TableColumn } from '../table-columns.ts';
import type { Undo } from './items.ts';

/** Runs one statement over all records of a kind, or over those of some ids. */
export type Statement = (tx: Tx, ids?: readonly string[]) => Promise<unknown>;

/** A record that is not as it should be: what it is called, and which of its columns differ, or that it is there or is not. */
export interface Mismatch {
  id: string;
  key: Record<string, unknown>;
  isThere: boolean;
  columns: string[];
  /** How many there are in all. */
  n: number;
}

/** What is done with the records of one entity, each with one statement. */
export interface TableWork {
  /** Locks the rows, so that what is compared stays so. */
  lock: Statement;
  /** Those that are not any more as the change left them. */
  movedOn(query: RunQuery): Promise<Mismatch[]>;
  insert: Statement;
  update: Statement;
  remove: Statement;
  /** Empties the columns by which those that go lay claim to others, and fills those of what came back. */
  clear: Statement;
  fill: Statement;
  /** Those that are not as they were before the change. */
  notRestored(query: RunQuery): Promise<Mismatch[]>;
}

/** How many records a refusal names. */
const namedAtMost = 20;

/** The columns of a table that take part: those of the model that the table has. */
interface Columns {
  all: readonly (Field & TableColumn)[];
  /** Those that the change touched in any record. */
  touched: readonly (Field & TableColumn)[];
  claims: readonly (Field & TableColumn)[];
  /** Those that the image of a record that went has, or may have been NULL in. */
  kept: readonly (Field & TableColumn)[];
  /** The version that comes next, and who made it when, by their columns, as SQL. */
  origin: ReadonlyMap<string, string>;
}

/** What a record that is put back keeps of itself, from what the log kept of it when it went. */
const origins: Readonly<Record<string, (column: string) => string>> = {
  version: (column) => `coalesce((i.last ->> '${column}')::int, 0) + 1`,
  createdAt: (column) => `coalesce((i.last ->> '${column}')::timestamptz, now())`,
  createdBy: (column) => `i.last ->> '${column}'`,
};

/** Reads which columns take part in a change. */
async function columnsOfChange(query: RunQuery, entity: Entity, columnsOf: ColumnsOf): Promise<Columns> {
  const table = await columnsOf(entity.table);
  const all = entity.business.flatMap((field) => {
    const column = table.get(field.column);
    return column ? [{ ...field, ...column, name: field.name }] : [];
  });
  const facts = await query<{ touched: boolean[] | null; known: boolean[] | null }>(
    `SELECT array_agg(touched ORDER BY nth) AS touched, array_agg(known ORDER BY nth) AS known
       FROM (SELECT nth,
                    bool_or(undo = 'change' AND before -> name IS DISTINCT FROM after -> name) AS touched,
                    bool_or(undo = 'create' AND before ? name) AS known
               FROM change_item, unnest($2::text[]) WITH ORDINALITY AS c (name, nth)
              WHERE entity = $1 GROUP BY nth) columns`,
    [entity.name, all.map(({ column }) => column)],
  );
  const { touched, known } = facts[0] ?? { touched: null, known: null };
  const claims = new Set(entity.claims.map(({ column }) => column));
  return {
    all,
    touched: all.filter((_, nth) => touched?.[nth]),
    claims: all.filter(({ column }) => claims.has(column)),
    // A column that was added since has no NULL to go back to, but a default.
    kept: all.filter(({ notNull }, nth) => known?.[nth] || !notNull),
    origin: new Map(
      entity.kept.flatMap(({ name, column }) =>
        table.has(column) && origins[name] ? [[column, origins[name](column)]] : [],
      ),
    ),
  };
}

/** Where two values differ; JSON as text, since PostgreSQL does not compare it. */
function differ(type: string, one: string, other: string): string {
  return type === 'json'
    ? `${one}::text IS DISTINCT FROM ${other}::text`
    : `${one} IS DISTINCT FROM ${other}`;
}

/** Writes the statements for one entity of the change that `change_item` holds. */
export async function createTableWork(
  query: RunQuery,
  entity: Entity,
  columnsOf: ColumnsOf,
): Promise<TableWork> {
  const { all, touched, claims, kept, origin } = await columnsOfChange(query, entity, columnsOf);
  const table = quoted(entity.table);
  const id = quoted(entity.id?.column ?? 'id');
  const idType = (await columnsOf(entity.table)).get(entity.id?.column ?? 'id')?.type ?? 'bigint';
  const was = `CROSS JOIN LATERAL jsonb_populate_record(NULL::${table}, i.before) r`;
  const items = (undo: Undo) =>
    `i.entity = $1 AND i.undo = '${undo}' AND ($2::text[] IS NULL OR i.id = ANY ($2))`;
  const joined = `t.${id} = i.id::${idType}`;
  const sql = ({ column }: Field) => quoted(column);

  const run =
    (text: string): Statement =>
    (tx, ids) =>
      tx.query(text, [entity.name, ids ?? null]);
  const nothing: Statement = async () => undefined;
  const changed = (field: Field) => {
    const name = `'${field.column.replaceAll("'", "''")}'`;
    return `i.before -> ${name} IS DISTINCT FROM i.after -> ${name}`;
  };
  const restored = (field: Field & TableColumn) =>
    `(${changed(field)} AND ${differ(field.type, `t.${sql(field)}`, `r.${sql(field)}`)})`;

  /** Records of the change for which one of `conditions` (column name → SQL) holds, or that are there, or not, against `presence`. */
  const mismatches =
    (image: 'before' | 'after', conditionOf: (field: Field & TableColumn) => string) =>
    (run: RunQuery): Promise<Mismatch[]> => {
      const wrong = all.map((field) => `CASE WHEN ${conditionOf(field)} THEN '${field.name}' END`);
      return run<Mismatch>(
        `SELECT *, count(*) OVER () AS n FROM (
           SELECT i.id, i.key, i.first, t.${id} IS NOT NULL AS "isThere", (i.${image} IS NOT NULL) AS wanted,
                  CASE WHEN t.${id} IS NULL OR i.${image} IS NULL THEN '{}'
                       ELSE array_remove(ARRAY[${wrong.join(', ')}]::text[], NULL) END AS columns
             FROM change_item i LEFT JOIN ${table} t ON ${joined}
             CROSS JOIN LATERAL jsonb_populate_record(NULL::${table}, i.${image}) r
            WHERE i.entity = $1) each
          WHERE "isThere" <> wanted OR columns <> '{}' ORDER BY first LIMIT ${namedAtMost}`,
        [entity.name],
      );
    };

  return {
    lock: run(
      `SELECT count(*) FROM (SELECT FROM ${table} t JOIN change_item i ON ${joined}
        WHERE i.entity = $1 AND ($2::text[] IS NULL OR i.id = ANY ($2)) ORDER BY t.${id} FOR NO KEY UPDATE OF t) locked`,
    ),
    movedOn: mismatches('after', (field) => {
      // A column that was added since was in no image, and is as it came.
      const name = field.column.replaceAll("'", "''");
      const known = field.notNull ? `i.after ? '${name}' AND ` : '';
      return `${known}${differ(field.type, `t.${sql(field)}`, `r.${sql(field)}`)}`;
    }),
    insert: run(
      `INSERT INTO ${table} (${[id, ...kept.map(sql), ...[...origin.keys()].map(quoted)].join(', ')}) OVERRIDING SYSTEM VALUE
       SELECT ${[
         `i.id::${idType}`,
         ...kept.map((field) => (claims.includes(field) ? 'NULL' : `r.${sql(field)}`)),
         ...origin.values(),
       ].join(', ')}
         FROM change_item i ${was} WHERE ${items('create')} ORDER BY i.first`,
    ),
    update:
      touched.length === 0
        ? nothing
        : run(
            `UPDATE ${table} t SET ${touched
              .map(
                (field) =>
                  `${sql(field)} = CASE WHEN ${changed(field)} THEN r.${sql(field)} ELSE t.${sql(field)} END`,
              )
              .join(', ')}
               FROM change_item i ${was}
              WHERE ${items('change')} AND ${joined} AND (${touched.map(restored).join(' OR ')})`,
          ),
    remove: run(`DELETE FROM ${table} t USING change_item i WHERE ${items('remove')} AND ${joined}`),
    clear:
      claims.length === 0
        ? nothing
        : run(
            `UPDATE ${table} t SET ${claims.map((field) => `${sql(field)} = NULL`).join(', ')} FROM change_item i
              WHERE ${items('remove')} AND ${joined} AND num_nonnulls(${claims.map((field) => `t.${sql(field)}`).join(', ')}) > 0`,
          ),
    fill:
      claims.length === 0
        ? nothing
        : run(
            `UPDATE ${table} t SET ${claims.map((field) => `${sql(field)} = r.${sql(field)}`).join(', ')}
               FROM change_item i ${was}
              WHERE ${items('create')} AND ${joined} AND num_nonnulls(${claims.map((field) => `r.${sql(field)}`).join(', ')}) > 0`,
          ),
    notRestored: mismatches('before', (field) => {
      const concerned = kept.includes(field) ? `(i.undo = 'create' OR ${changed(field)})` : changed(field);
      return `${concerned} AND ${differ(field.type, `t.${sql(field)}`, `r.${sql(field)}`)}`;
    }),
  };
}
