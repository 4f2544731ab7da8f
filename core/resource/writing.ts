import type { CustomValue } from './common.ts';

/** Where the fields that every record's bodies take are kept: field → column. */
export const commonAssigned = {
  description: 'description',
  tags: 'tags',
  metadata: 'metadata',
  customFields: 'custom_fields',
};

/** The columns of `commonValues`, for an INSERT. */
export const commonInserted = Object.values(commonAssigned).join(', ');

type Given<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** What a new record gets in `commonInserted`, in that order. */
export function commonValues({
  description,
  tags,
  metadata,
  customFields,
}: Given<{ description: string; tags: string[]; metadata: object; customFields: object }>): unknown[] {
  return [
    description,
    tags ?? [],
    JSON.stringify(metadata ?? {}),
    JSON.stringify(valuesOnly(customFields ?? {})),
  ];
}

/** Custom fields without those that a body says null of. */
export function valuesOnly(customFields: object): Record<string, CustomValue> {
  return Object.fromEntries(Object.entries(customFields).filter(([, value]) => value !== null));
}

/** Column and value pairs of a patch: only what was given, under the database's names. */
export interface Assignment {
  /** `name = $2, status = $3`; empty where nothing was given. */
  sql: string;
  values: unknown[];
}

/**
 * Builds the SET list of an UPDATE; placeholders start at `from`. `columns` maps wire fields to column names. `metadata` replaces
 * what was there; the names in `customFields` are set one by one, and null takes one away.
 */
export function assignmentOf(
  patch: Record<string, unknown>,
  columns: Record<string, string>,
  from: number,
): Assignment {
  const given = Object.entries(columns).filter(([field]) => patch[field] !== undefined);
  return {
    sql: given
      .map(([field, column], index) =>
        field === 'customFields'
          ? `${column} = jsonb_strip_nulls(${column} || $${from + index}::jsonb)`
          : `${column} = $${from + index}`,
      )
      .join(', '),
    values: given.map(([field]) =>
      field === 'metadata' || field === 'customFields' ? JSON.stringify(patch[field]) : patch[field],
    ),
  };
}
