import type { RunQuery } from '../db/database.ts';
import type { Filter } from './filters.ts';
import type { OpenFilters } from './open-filters.ts';
import type { Condition } from './query/compile.ts';
import { QueryRefusal } from './query/refusal.ts';
import { Faults, invalidRequest, unknownKeyMessage } from './validate.ts';

interface List {
  table: string;
  fields: Record<string, string>;
  open?: readonly OpenFilters[];
}

/**
 * The conditions of a query that its schema could not check by itself: those on open filters, which are read now if one is named, and
 * those of `q`, which may be about them. Throws 422 with all that is wrong with the former, or where `q` was refused.
 */
export async function opened(
  query: RunQuery,
  { table, fields, open = [] }: List,
  parameters: Record<string, unknown>,
): Promise<((bindings: Parameters<Condition>[0]) => string)[]> {
  const q = parameters.q as Condition | undefined;
  const known = new Map<string, ReadonlyMap<string, Filter>>();
  const faults = new Faults();
  const conditions: Condition[] = [];
  for (const { field, load } of open) {
    const given = parameters[field] as [string, unknown][] | undefined;
    if (!given && !q?.open?.has(field)) continue;
    const filters = await load(query, { table, column: fields[field] as string });
    known.set(field, filters);
    for (const [name, text] of given ?? []) {
      const path = `query.${field}.${name}`;
      const filter = filters.get(name);
      if (filter) {
        const value = faults.check(path, filter.schema, text);
        conditions.push((bindings) => filter.condition([value].flat(), bindings));
      } else {
        const message = unknownKeyMessage(name, [...filters.keys()]);
        faults.errors.push({ path, code: 'unknown-key', message });
      }
    }
  }
  const problem = faults.problem();
  if (problem) throw problem;
  if (q) conditions.push((bindings) => answered(() => q(bindings, known)));
  return conditions;
}

function answered(compile: () => string): string {
  try {
    return compile();
  } catch (fault) {
    if (!(fault instanceof QueryRefusal)) throw fault;
    throw invalidRequest([{ path: 'query.q', code: fault.code, message: fault.message }]);
  }
}
