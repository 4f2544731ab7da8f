import {
  Bindings,
  callerOf,
  type Deed,
  type FieldError,
  invalidRequest,
  kernelErrors,
  type PanelKernel,
  type Principal,
  type Route,
  type Tx,
} from '#core';
import type { Column } from './columns.ts';
import type { Row } from './reading.ts';
import { FieldFault, same, typed, untouched } from './values.ts';
import type { ResourceView } from './view.ts';

/** Who writes through the panel, and in which request. */
export interface Writer {
  principal: Principal;
  requestId: string | undefined;
  address: string | undefined;
  /** The transaction that several writes share. */
  within?: Tx;
}

/** Writes records of one view; every method throws the problem that REST would answer with. */
export interface Writing {
  /** Answers the new record's id. */
  create(writer: Writer, form: Readonly<Row>): Promise<string>;
  /** Writes what differs from `current`, if it is still of the version in the form. */
  change(writer: Writer, current: Row, form: Readonly<Row>): Promise<void>;
  /** `chosen` says what becomes of what the record holds, where its route takes such. */
  remove(writer: Writer, id: string, chosen?: Record<string, string>): Promise<void>;
}

/** What a form's fields hold, typed; throws all that is wrong with them at once. */
function typedForm(view: ResourceView, names: readonly string[], form: Readonly<Row>): Row {
  const errors: FieldError[] = [];
  const values: Row = {};
  for (const name of names) {
    if (!(name in form)) continue;
    const column: Pick<Column, 'kind' | 'nullable'> = view.columns.get(name) ?? {
      kind: 'text',
      nullable: true,
    };
    try {
      // A password may begin or end with a blank.
      values[name] = view.columns.has(name) ? typed(column, form[name]) : form[name];
    } catch (fault) {
      if (!(fault instanceof FieldFault)) throw fault;
      errors.push({ path: `body.${name}`, code: 'invalid-value', message: fault.message });
    }
  }
  if (errors.length > 0) throw invalidRequest(errors);
  return values;
}

/** What was filled in: a new record has its defaults for the rest. */
function filledIn(values: Row): Row {
  const isEmpty = (value: unknown) =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}

/** Makes the writer of one view: through its REST routes where it has them, else straight into its table. */
export function createWriting(kernel: PanelKernel, view: ResourceView): Writing {
  function write<T>(writer: Writer, deed: Deed, work: (tx: Tx) => Promise<T>): Promise<T> {
    const confined = view.demand(writer.principal, deed);
    return writer.within
      ? work(writer.within)
      : kernel.transact(callerOf({ source: 'panel', ...writer, confined }), work);
  }

  function through(
    route: Route,
    { principal, requestId, address, within }: Writer,
    call: {
      id?: string;
      query?: Record<string, string>;
      body?: unknown;
      version?: number | undefined;
    },
  ): Promise<unknown> {
    const { id, query = {}, body, version } = call;
    const params = id === undefined ? {} : { id };
    return kernel.invoke({ route, principal, requestId, address, within, params, query, body, version });
  }

  const columnOf = (name: string) => view.columns.get(name) as Column;
  const stored = ({ kind }: Column, value: unknown) =>
    ['json', 'fields', 'runs'].includes(kind) && value !== null ? JSON.stringify(value) : value;

  return {
    async create(writer, form) {
      view.demand(writer.principal, 'create');
      const values = filledIn(typedForm(view, view.create, form));
      const { create } = view.routes;
      if (create) return String(((await through(create, writer, { body: values })) as { id: unknown }).id);
      const bindings = new Bindings();
      const names = Object.keys(values);
      const sql = names.map((name) => columnOf(name).sql).join(', ');
      const bound = names.map((name) => bindings.bind(stored(columnOf(name), values[name])));
      const what = names.length === 0 ? 'DEFAULT VALUES' : `(${sql}) VALUES (${bound.join(', ')})`;
      const text = `INSERT INTO ${view.table} ${what} RETURNING ${view.id.sql} AS id`;
      const [row] = await write(writer, 'create', (tx) => tx.query<{ id: unknown }>(text, bindings.values));
      return String(row?.id);
    },

    async change(writer, current, form) {
      view.demand(writer.principal, 'change');
      const touched = view.change.filter((name) => !untouched(columnOf(name), form[name], current[name]));
      const values = typedForm(view, touched, form);
      const changed = Object.entries(values).filter(
        ([name, value]) => !same(columnOf(name), value, current[name]),
      );
      if (changed.length === 0) return;
      const id = String(current[view.id.name]);
      const version = Number(form.version ?? Number.NaN);
      const { change } = view.routes;
      if (change) {
        const body = Object.fromEntries(changed);
        await through(change, writer, { id, body, version: Number.isInteger(version) ? version : undefined });
        return;
      }
      const bindings = new Bindings();
      const set = changed.map(
        ([name, value]) => `${columnOf(name).sql} = ${bindings.bind(stored(columnOf(name), value))}`,
      );
      const still =
        view.version && Number.isInteger(version)
          ? ` AND ${view.version.sql} = ${bindings.bind(version, 'int')}`
          : '';
      const text = `UPDATE ${view.table} SET ${set.join(', ')}
        WHERE ${view.id.sql} = ${bindings.bind(id, view.id.idType)}${still} RETURNING ${view.id.sql}`;
      const rows = await write(writer, 'change', (tx) => tx.query(text, bindings.values));
      if (rows.length === 0) throw kernelErrors.versionMismatch('Somebody changed it since you opened it.');
    },

    async remove(writer, id, chosen = {}) {
      const { remove } = view.routes;
      if (remove) {
        await through(remove, writer, { id, query: chosen });
        return;
      }
      const text = `DELETE FROM ${view.table} WHERE ${view.id.sql} = $1::${view.id.idType}`;
      await write(writer, 'remove', (tx) => tx.query(text, [id]));
    },
  };
}
