import type { z } from 'zod';
import { named, type RunQuery } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Listing, Page } from '../http/listing.ts';
import type { Condition } from '../http/query/compile.ts';
import type { PluginContext } from '../plugin/define.ts';
import type { Fields } from './field.ts';
import { alias, columnsOf } from './list.ts';
import {
  isReference,
  isWritten,
  type NewOf,
  type PatchOf,
  type RecordOf,
  type RecordShape,
  type ValuesOf,
} from './shapes.ts';
import { columnOf, resolveReferences, type Target } from './target.ts';
import { assignmentOf, commonAssigned, commonValues } from './writing.ts';

type Query = Record<string, unknown>;

/** Throws where `If-Match` names another version; left out, the last write wins. */
export type Guard = (current: { version: number }) => void;

/** What became of a record, for events. */
export type Written<F extends Fields> =
  | { readonly deed: 'created'; readonly record: RecordOf<F> }
  | { readonly deed: 'updated'; readonly record: RecordOf<F>; readonly before: RecordOf<F> }
  | { readonly deed: 'deleted'; readonly record: RecordOf<F> };

/** Where a plugin has a rule of its own, in the transaction that writes; throwing undoes the write. */
export interface Hooks<F extends Fields> {
  /** Takes the locks that come before the record's own. */
  lock?(tx: Tx, id: number): Promise<unknown>;
  /** Sees what a new record is to be, references by id; what it answers is written instead. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most hooks only look
  beforeCreate?(tx: Tx, values: ValuesOf<F>): Promise<ValuesOf<F> | void>;
  /** Sees a record, locked, and what is to change of it; what it answers is written instead. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most hooks only look
  beforeUpdate?(tx: Tx, current: RecordOf<F>, changes: ValuesOf<F>): Promise<ValuesOf<F> | void>;
  beforeRemove?(tx: Tx, current: RecordOf<F>): Promise<void>;
  /** Announces what was written; a PATCH of nothing writes nothing. */
  afterWrite?(tx: Tx, written: Written<F>): Promise<void>;
}

/** What can be done with the records of a resource. */
export interface RecordService<F extends Fields> {
  /** The list with what other plugins add to it: what routes take and answer. */
  readonly listing: Listing<z.ZodObject<RecordShape<F>>>;
  /** A page; `scope` is a condition of the route's own. */
  list(query: Query, scope?: Condition): Promise<Page<RecordOf<F>>>;
  /** The record of an id; 404 where there is none. */
  get(id: number): Promise<RecordOf<F>>;
  /** The same as `fields` and `include` ask for it. */
  show(id: number, query: Query): Promise<RecordOf<F>>;
  /** The same as the transaction sees it. */
  readIn(tx: Tx, id: number): Promise<RecordOf<F>>;
  create(tx: Tx, input: NewOf<F>): Promise<RecordOf<F>>;
  update(tx: Tx, id: number, patch: PatchOf<F>, guard?: Guard): Promise<RecordOf<F>>;
  remove(tx: Tx, id: number, guard?: Guard): Promise<void>;
}

export type ServiceContext = Pick<PluginContext<unknown, unknown, never, []>, 'db' | 'extensions'>;

interface Parts<F extends Fields> {
  fields: F;
  table: string;
  entity: string;
  noun: string;
  list: Listing<z.ZodObject<RecordShape<F>>>;
  targetOf(field: string): Target;
}

/** Makes the service of a resource. */
export function serviceOf<F extends Fields>(
  { fields, table, entity, noun, list, targetOf }: Parts<F>,
  { db, extensions }: ServiceContext,
  hooks: Hooks<F>,
): RecordService<F> {
  type Rec = RecordOf<F>;
  const listing = list.extendedBy({ extensions });
  const written = Object.entries(fields).filter(([, field]) => isWritten(field));
  const columns = Object.fromEntries(written.map(([name]) => [name, columnOf(name)]));
  const references = Object.fromEntries(
    written.filter(([, field]) => isReference(field)).map(([name]) => [name, targetOf(name)]),
  );
  const read = named(
    `read_${entity}`,
    `SELECT ${columnsOf(fields)} FROM ${table} ${alias} WHERE ${alias}.id = $1`,
  );

  async function readOne(query: RunQuery, id: number): Promise<Rec> {
    const [row] = await query<Rec>(read, [id]);
    if (!row) throw kernelErrors.notFound(`There is no ${noun} ${id}.`);
    return row;
  }

  async function locked(tx: Tx, id: number, strength: string, guard?: Guard): Promise<Rec> {
    await hooks.lock?.(tx, id);
    await tx.query(`SELECT FROM ${table} WHERE id = $1 FOR ${strength}`, [id]);
    const current = await readOne(tx.query, id);
    guard?.(current as { version: number });
    return current;
  }

  /** What a body says, under the columns' own names: references by id. */
  async function valuesOf(tx: Tx, said: object): Promise<ValuesOf<F>> {
    const given = said as Record<string, unknown>;
    const names = [...Object.keys(columns), ...Object.keys(commonAssigned)];
    const own = Object.fromEntries(names.map((name) => [name, given[name]]));
    return { ...own, ...(await resolveReferences(tx.query, references, given)) } as never;
  }

  function withDefaults(values: ValuesOf<F>): ValuesOf<F> {
    const all = values as Record<string, unknown>;
    const untold = written.filter(([name]) => all[name] === undefined);
    return { ...values, ...Object.fromEntries(untold.map(([name, field]) => [name, field.default])) };
  }

  /** Values as statements bind them. */
  function bound(values: ValuesOf<F>): Record<string, unknown> {
    const all = values as Record<string, unknown>;
    const made = written.flatMap(([name, { write }]) =>
      write && all[name] !== undefined && all[name] !== null ? [[name, write(all[name])]] : [],
    );
    return { ...all, ...Object.fromEntries(made) };
  }

  return {
    listing,
    list: (query, scope) => listing.run(db.query, query, scope) as Promise<Page<Rec>>,
    get: (id) => readOne(db.query, id),
    readIn: (tx, id) => readOne(tx.query, id),
    async show(id, query) {
      return (await listing.complete(db.query, await readOne(db.query, id), query)) as Rec;
    },

    async create(tx, input) {
      const said = withDefaults(await valuesOf(tx, input));
      const values = bound((await hooks.beforeCreate?.(tx, said)) ?? said);
      const given = written
        .map(([name]) => [name, values[name]] as const)
        .filter(([, value]) => value !== undefined);
      const names = [...given.map(([name]) => columns[name]), ...Object.values(commonAssigned)];
      const row = [...given.map(([, value]) => value), ...commonValues(values)];
      const [made] = await tx.query<{ id: number }>(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${row.map((_, at) => `$${at + 1}`).join(', ')}) RETURNING id`,
        row,
      );
      const record = await readOne(tx.query, (made as { id: number }).id);
      await hooks.afterWrite?.(tx, { deed: 'created', record });
      return record;
    },

    async update(tx, id, patch, guard) {
      const before = await locked(tx, id, 'NO KEY UPDATE', guard);
      const said = await valuesOf(tx, patch);
      const changes = bound((await hooks.beforeUpdate?.(tx, before, said)) ?? said);
      const { sql, values } = assignmentOf(changes, { ...columns, ...commonAssigned }, 2);
      if (sql === '') return before;
      await tx.query(`UPDATE ${table} SET ${sql} WHERE id = $1`, [id, ...values]);
      const record = await readOne(tx.query, id);
      await hooks.afterWrite?.(tx, { deed: 'updated', record, before });
      return record;
    },

    async remove(tx, id, guard) {
      const record = await locked(tx, id, 'UPDATE', guard);
      await hooks.beforeRemove?.(tx, record);
      await tx.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
      await hooks.afterWrite?.(tx, { deed: 'deleted', record });
    },
  };
}
