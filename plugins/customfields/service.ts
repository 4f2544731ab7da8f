import {
  assignmentOf,
  type FormField,
  formFields,
  invalidRequest,
  kernelErrors,
  openFilters,
  type Page,
  type PluginContext,
  type RunQuery,
  type Tx,
  tableRules,
} from '#core';
import { customFieldFilters } from './filters.ts';
import { fieldList } from './listing.ts';
import * as sql from './queries.ts';
import { customFieldRule, hasCustomFields } from './rule.ts';
import type { FieldPatch, FieldRecord, NewField } from './schemas.ts';

type Guard = (current: { version: number }) => void;

/** The definitions of custom fields. The database says what must hold of them, and of the values in the records. */
export interface CustomFieldService {
  list(query: Record<string, unknown>): Promise<Page<FieldRecord>>;
  /** Throws 404. */
  get(id: number): Promise<FieldRecord>;
  /** Throws 422 where something in it does not go together, and 409 `custom-field-taken`. */
  create(tx: Tx, input: NewField): Promise<FieldRecord>;
  /** A new name is given to the values in all records, too. Throws 409 `custom-field-in-use` where values are in the way. */
  update(tx: Tx, id: number, patch: FieldPatch, guard: Guard): Promise<FieldRecord>;
  /** Throws 409 `custom-field-in-use` where records have values of it, unless they go, too. */
  remove(tx: Tx, id: number, options: { values: boolean }, guard: Guard): Promise<void>;
}

/** Makes the service, keeps the check of values on the tables of all models that have custom fields, and has their lists filter and their forms ask for them. */
export function createCustomFieldService(
  ctx: PluginContext<unknown, unknown, unknown, readonly []>,
): CustomFieldService {
  ctx.extend(tableRules, customFieldRule);
  ctx.extend(openFilters, customFieldFilters);
  ctx.extend(formFields, (table) => ctx.db.query<FormField>(sql.formFieldsOf, [table]));

  async function found(query: RunQuery, statement: typeof sql.fieldById, id: number): Promise<FieldRecord> {
    const [field] = await query<FieldRecord>(statement, [id]);
    if (!field) throw kernelErrors.notFound(`There is no custom field ${id}.`);
    return field;
  }

  async function locked(tx: Tx, id: number, guard: Guard): Promise<FieldRecord> {
    const current = await found(tx.query, sql.lockField, id);
    guard(current);
    return current;
  }

  function demandModel(name: string): void {
    const models = ctx
      .registry()
      .models.filter(hasCustomFields)
      .map(({ definition }) => definition.entity);
    if (models.includes(name)) return;
    const message = `"${name}" is no model with custom fields; there are ${models.join(', ')}.`;
    throw invalidRequest([{ path: 'body.model', code: 'unknown-model', message }]);
  }

  const stored = (input: FieldPatch): Record<string, unknown> => ({
    ...input,
    ...(input.default === undefined || input.default === null
      ? {}
      : { default: JSON.stringify(input.default) }),
  });

  return {
    list: (query) => fieldList.run(ctx.db.query, query),
    get: (id) => found(ctx.db.query, sql.fieldById, id),

    async create(tx, input) {
      demandModel(input.model);
      const values = stored(input);
      const [row] = await tx.query<{ id: number }>(
        sql.insertField,
        Object.keys(sql.assigned).map((field) => values[field]),
      );
      return found(tx.query, sql.fieldById, (row as { id: number }).id);
    },

    async update(tx, id, patch, guard) {
      const current = await locked(tx, id, guard);
      const { sql: assignments, values } = assignmentOf(stored(patch), sql.assigned, 2);
      if (assignments === '') return current;
      await tx.query(`UPDATE custom_field SET ${assignments} WHERE id = $1`, [id, ...values]);
      return found(tx.query, sql.fieldById, id);
    },

    async remove(tx, id, { values }, guard) {
      await locked(tx, id, guard);
      if (values) await tx.query(sql.stripValues, [id]);
      await tx.query(sql.deleteField, [id]);
    },
  };
}
