import type { Bindings, RegisteredModel, Registry } from '#core';
import { type Column, columnsOf } from './columns.ts';
import { conditionOf } from './filters.ts';

/** A column that is told with a record's title; of a reference, the title of what it leads to. */
export interface Beside {
  column: Column;
  leadsTo: { table: string; id: Column; title: Column } | undefined;
}

/** What a view says of how its records are called. */
interface Called {
  readonly table: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly title: string;
  readonly beside: readonly Beside[];
}

/** The parameter of a record that carries what is told with its title to the page; no column is called so. */
export const besideParameter = '$beside';

/** The column that names a record: the one that the plugin says, else the first of text; undefined where there is none. */
export function titleOf(said: string | undefined, columns: ReadonlyMap<string, Column>): string | undefined {
  if (said !== undefined && columns.has(said)) return said;
  return [...columns.values()].find(({ kind }) => kind === 'text')?.name;
}

/** What a model's view says is told with the title. */
export function besideOf(
  { admin }: RegisteredModel,
  columns: ReadonlyMap<string, Column>,
  registry: Registry,
): Beside[] {
  return (admin?.beside ?? []).flatMap((name) => {
    const column = columns.get(name);
    return column ? [{ column, leadsTo: targetOf(column, registry) }] : [];
  });
}

function targetOf({ references }: Column, registry: Registry): Beside['leadsTo'] {
  const target = registry.models.find(({ definition }) => definition.table === references);
  if (!target) return undefined;
  const columns = columnsOf(target);
  const id = [...columns.values()].find(({ kind }) => kind === 'id');
  const title = columns.get(titleOf(target.admin?.title, columns) ?? '');
  return id && title && { table: `"${target.definition.table}"`, id, title };
}

/** SQL that reads what is told with the title of a row of the view's table: `oslo/100`. */
export function besideSql({ table, beside }: Pick<Called, 'table' | 'beside'>): string {
  const parts = beside.map(({ column, leadsTo }) => {
    const own = `${table}.${column.sql}`;
    if (!leadsTo) return `${own}::text`;
    const { table: other, id, title } = leadsTo;
    return `(SELECT other.${title.sql}::text FROM ${other} other WHERE other.${id.sql} = ${own})`;
  });
  return `concat_ws('/', ${parts.join(', ')})`;
}

/** A condition for each word of what was typed: the title has it, or something that is told with it, or `a/b` all of that. */
export function wordConditions(
  { columns, title, beside }: Omit<Called, 'table'>,
  typed: string,
  bindings: Bindings,
): string[] {
  const has = ({ column, leadsTo }: Beside, word: string) => {
    if (!leadsTo) return conditionOf(column, word, bindings) || 'false';
    const { table, id, title } = leadsTo;
    const named = conditionOf(title, word, bindings) || 'false';
    return `${column.sql} IN (SELECT ${id.sql} FROM ${table} WHERE ${named})`;
  };
  const named = columns.get(title);
  const parts = [...(named ? [{ column: named, leadsTo: undefined }] : []), ...beside];
  const words = typed.split(/[\s()]+/).filter(Boolean);
  return words.map((word) => {
    const some = parts.map((part) => has(part, word));
    const pieces = word.split('/');
    if (pieces.length === 1 || pieces.length !== beside.length) return `(${some.join(' OR ')})`;
    const all = beside.map((part, nth) => has(part, pieces[nth] ?? ''));
    return `(${some.join(' OR ')} OR ${all.join(' AND ')})`;
  });
}
