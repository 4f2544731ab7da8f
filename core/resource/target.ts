import type { z } from 'zod';
import type { RunQuery } from '../db/database.ts';
import { named } from '../db/database.ts';
import type { FieldError, ProblemKind } from '../errors/problem.ts';
import type { Include } from '../http/include.ts';
import { includeById } from '../http/include.ts';
import { invalidRequest } from '../http/validate.ts';

/** What others need to know of a model to refer to its records; a `resource` is one. */
export interface Target {
  /** `vlan-group`. */
  readonly entity: string;
  readonly table: string;
  /** What one record and several are called in sentences: `VLAN group`, `VLAN groups`. */
  readonly nouns: readonly [one: string, many: string];
  /** Where they are listed: `/vlan-groups`. */
  readonly path: string;
  /** The column by which a person names one. */
  readonly namedBy: string;
  /** What is shown of one where another record mentions it, each field a column of the table. */
  readonly mention: z.ZodObject;
  /** What a deletion is answered with while others refer to it; 409 in any case. */
  readonly inUse?: ProblemKind | undefined;
}

/** `parentId` → `parent`. */
export const nameOf = (field: string) => field.slice(0, -'Id'.length);

/** `createdAt` → `created_at`. */
export const columnOf = (field: string) => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Embeds what a field of a list's items refers to, all of a page with one statement. */
export function includeTarget(field: string, { table, entity, mention }: Target, nullable: boolean): Include {
  const columns = Object.keys(mention.shape).map((name) => `${columnOf(name)} AS "${name}"`);
  const text = `SELECT ${columns.join(', ')} FROM ${table} WHERE id = ANY ($1::bigint[])`;
  return includeById(field, nullable ? mention.nullable() : mention, named(`mentioned_${entity}`, text));
}

/** What a body may say of each reference: `siteId`, or `site` by name; null: none. */
type Said = Readonly<Record<string, unknown>>;

/**
 * Looks up what a body refers to, by id or by name: `siteId` of each field in `references`; undefined where it says nothing. 422 naming
 * all that is not there, or that several records are called.
 */
export async function resolveReferences<K extends string>(
  query: RunQuery,
  references: Readonly<Record<K, Target>>,
  said: Said,
): Promise<Record<K, number | null | undefined>> {
  const errors: FieldError[] = [];
  const found: Record<string, number | null | undefined> = {};
  for (const [field, target] of Object.entries<Target>(references)) {
    const isNamed = said[nameOf(field)] !== undefined;
    const asked = said[isNamed ? nameOf(field) : field] as number | string | null | undefined;
    if (asked === undefined || asked === null) {
      found[field] = asked;
      continue;
    }
    const { table, entity, namedBy, nouns, path } = target;
    const where = isNamed ? `${namedBy} = $1` : 'id = $1';
    const text = `SELECT id FROM ${table} WHERE ${where} LIMIT 2`;
    const rows = await query<{ id: number }>(named(`${isNamed ? 'named' : 'known'}_${entity}`, text), [
      asked,
    ]);
    found[field] = rows[0]?.id;
    if (rows.length === 1) continue;
    const given = isNamed ? `"${asked}"` : asked;
    errors.push({
      path: `body.${isNamed ? nameOf(field) : field}`,
      code: rows.length === 0 ? 'not-found' : 'ambiguous',
      message:
        rows.length === 0
          ? `There is no ${nouns[0]} ${given}; GET ${path} lists them.`
          : `Several ${nouns[1]} are called ${given}; say ${field}.`,
    });
  }
  if (errors.length > 0) throw invalidRequest(errors);
  return found as Record<K, number | null | undefined>;
}
