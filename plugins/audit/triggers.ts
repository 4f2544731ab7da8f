import type { RegisteredModel, TableRule } from '#core';
import { type AuditedColumns, auditedColumns } from './columns.ts';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const list = (columns: readonly string[], row: string) =>
  columns.map((column) => `${row}.${quoted(column)}`).join(', ');

/** Times in the log are UTC, whatever the session's zone, and no table or function of the session stands in for ours. */
const settingsIn = (schema: string) =>
  `SET timezone = 'UTC' SET search_path = pg_catalog, ${quoted(schema)}, pg_temp`;

/**
 * Keeps the triggers of the audit log on the table of a model. They write a row for each changed row, in one statement, which asks
 * for the caller once. What joins the rows before and after a change goes through EXECUTE: a plan that is kept from a statement for
 * one row would go through many in quadratic time.
 */
export const auditRule: TableRule = (model, { models, schema }) => {
  // The log does not keep a log of itself.
  if (model.owner === 'audit' || !model.definition.audited) return [];
  const columns = auditedColumns(model);
  const parts = { model, models, schema, columns };
  const statement = (moment: string, tables: string, body: string) => ({
    name: `audit_${moment.toLowerCase()}`,
    moment: `AFTER ${moment}`,
    each: `REFERENCING ${tables} FOR EACH STATEMENT`,
    runs: { body: `\nBEGIN\n${body}\n  RETURN NULL;\nEND `, settings: settingsIn(schema) },
  });
  return [
    statement('INSERT', 'NEW TABLE AS inserted', `${insertion(parts, 'create', 'inserted n', 'n')};`),
    statement(
      'UPDATE',
      'OLD TABLE AS before_update NEW TABLE AS after_update',
      `  IF EXISTS (SELECT FROM after_update) THEN
    EXECUTE $sql$${change(parts)}$sql$;
  END IF;`,
    ),
    statement('DELETE', 'OLD TABLE AS deleted', `${insertion(parts, 'delete', 'deleted o', 'o')};`),
    {
      name: 'audit_no_truncate',
      moment: 'BEFORE TRUNCATE',
      each: 'FOR EACH STATEMENT',
      runs: { call: `${quoted(schema)}.refuse_unaudited()` },
    },
  ];
};

interface Parts {
  model: RegisteredModel;
  models: readonly RegisteredModel[];
  schema: string;
  columns: AuditedColumns;
}

/**
 * Rows that were made or are gone: `from` names them `row`, n for new ones and o for old ones. Of those that are gone, their origin is
 * kept, too, so that one that is put back has a higher version than it ever had.
 */
function insertion(parts: Parts, action: 'create' | 'delete', from: string, row: 'n' | 'o'): string {
  const { columns, schema } = parts;
  const content = contentOf(
    row === 'o' ? { ...columns, plain: [...columns.plain, ...columns.origin] } : columns,
    row,
  );
  return written(
    parts,
    `SELECT ${text(action)} AS action, ${idOf(columns, row)} AS entity_id, ${keyOf(parts, row)} AS key,
         ${secretsOf(columns, row)} AS secrets,
         ${row === 'o' ? content : 'NULL::jsonb'} AS before, ${row === 'n' ? content : 'NULL::jsonb'} AS after
       FROM ${from}`,
    schema,
  );
}

/** Rows that were changed. A row whose primary key was changed is one that went and one that came. */
function change(parts: Parts): string {
  const { columns, schema } = parts;
  const on = columns.primaryKey.map((column) => `o.${quoted(column)} = n.${quoted(column)}`).join(' AND ');
  const [first = ''] = columns.primaryKey;
  const [isNew, isGone] = [`o.${quoted(first)} IS NULL`, `n.${quoted(first)} IS NULL`];
  const either = (of: (row: string) => string) => `CASE WHEN ${isGone} THEN ${of('o')} ELSE ${of('n')} END`;
  const compared = [...columns.filled, ...columns.plain, ...columns.json, ...columns.secret];
  return written(
    parts,
    `SELECT CASE WHEN ${isNew} THEN 'create' WHEN ${isGone} THEN 'delete' ELSE 'update' END AS action,
         ${either((row) => idOf(columns, row))} AS entity_id, ${either((row) => keyOf(parts, row))} AS key,
         ${changedSecrets(columns)} AS secrets,
         CASE WHEN NOT ${isNew} THEN ${contentOf(columns, 'o')} END AS before,
         CASE WHEN NOT ${isGone} THEN ${contentOf(columns, 'n')} END AS after
       FROM before_update o FULL JOIN after_update n ON ${on}
       WHERE ${isNew} OR ${isGone} OR ROW(${list(compared, 'o')})::record *<> ROW(${list(compared, 'n')})::record`,
    schema,
  );
}

/** Writes rows of the log, each in the name of its caller. */
function written({ model, columns }: Parts, rows: string, schema: string): string {
  const subject = columns.key.at(-1)?.name ?? '';
  const own = (at: number, type = '') => `nullif(own ->> ${at}, '')${type}`;
  return `
    INSERT INTO ${quoted(schema)}.audit_log (change_id, actor, source, source_address, request_id, action, entity, entity_id,
                                 subject, key, secrets, before, after)
    SELECT CASE WHEN own IS NULL THEN c.change_id ELSE ${own(1, '::uuid')} END,
           CASE WHEN own IS NULL THEN c.actor ELSE own ->> 0 END,
           CASE WHEN own IS NULL THEN c.source ELSE own ->> 3 END,
           CASE WHEN own IS NULL THEN c.source_address ELSE ${own(4, '::inet')} END,
           CASE WHEN own IS NULL THEN c.request_id ELSE ${own(2)} END,
           r.action, ${text(model.definition.entity)}, r.entity_id, r.subject, r.key, r.secrets, r.before, r.after
      FROM audit_caller() c
      CROSS JOIN LATERAL (
        SELECT k.*, k.key ->> ${text(subject)} AS subject,
               coalesce(c.others -> (k.key ->> ${text(subject)}), c.others -> '') AS own
          FROM (${rows} OFFSET 0) k OFFSET 0) r`;
}

function idOf({ primaryKey }: AuditedColumns, row: string): string {
  return primaryKey.map((column) => `${row}.${quoted(column)}::text`).join(` || '/' || `);
}

/** The natural key as JSON. What a reference refers to is named by the last part of its own natural key, or by its id if it is gone. */
function keyOf({ columns, models, schema }: Parts, row: string): string {
  const parts = columns.key.map(({ name, column, refersTo }) => {
    const value = `${row}.${quoted(column)}`;
    const other = models.find(({ definition }) => definition.table === refersTo);
    const { primaryKey = [], key = [] } = other ? auditedColumns(other) : {};
    const [id] = primaryKey;
    const telling = key.at(-1);
    if (!other || !id || !telling) return `${text(name)}, ${value}`;
    const table = `${quoted(schema)}.${quoted(other.definition.table)}`;
    const called = `(SELECT to_jsonb(x.${quoted(telling.column)}) FROM ${table} x WHERE x.${quoted(id)} = ${value})`;
    return `${text(name)}, coalesce(${called}, to_jsonb(${value}))`;
  });
  return `jsonb_build_object(${parts.join(', ')})`;
}

/**
 * The business columns of a row as JSON, without those that are NULL; inside a column of JSON, null stays what it is. Most rows have
 * little but what every row has, and only the others pay for the columns that may be NULL.
 */
function contentOf({ filled, plain, json }: AuditedColumns, row: string): string {
  const object = (columns: readonly string[]) => `to_jsonb((SELECT x FROM (SELECT ${list(columns, row)}) x))`;
  const always = filled.length === 0 ? `'{}'::jsonb` : object(filled);
  const sometimes = [...plain, ...json];
  if (sometimes.length === 0) return always;
  const parts = [
    ...(plain.length === 0 ? [] : [`jsonb_strip_nulls(${object(plain)})`]),
    ...json.map((column) => {
      const value = `${row}.${quoted(column)}`;
      return `CASE WHEN ${value} IS NULL THEN '{}' ELSE jsonb_build_object(${text(column)}, ${value}) END`;
    }),
  ];
  return `CASE WHEN num_nonnulls(${list(sometimes, row)}) = 0 THEN ${always} ELSE ${[always, ...parts].join(' || ')} END`;
}

/** The secret columns that a row has. */
function secretsOf({ secret }: AuditedColumns, row: string): string {
  return names(secret.map((column) => [column, `${row}.${quoted(column)} IS NOT NULL`]));
}

function changedSecrets({ secret }: AuditedColumns): string {
  return names(secret.map((column) => [column, `o.${quoted(column)} IS DISTINCT FROM n.${quoted(column)}`]));
}

function names(conditions: readonly (readonly [string, string])[]): string {
  if (conditions.length === 0) return 'NULL::text[]';
  const cases = conditions.map(([column, holds]) => `CASE WHEN ${holds} THEN ${text(column)} END`);
  return `nullif(array_remove(ARRAY[${cases.join(', ')}]::text[], NULL), '{}')`;
}
