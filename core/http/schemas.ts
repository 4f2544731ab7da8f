import { z } from 'zod';
import type { ZodOpenApiOverride } from 'zod-openapi';

/** Documents text of a path or query as what it means; `pattern` is for us, who read it as text. */
export function documentedAs(meaning: object): ZodOpenApiOverride {
  return ({ jsonSchema }) => {
    delete jsonSchema.pattern;
    Object.assign(jsonSchema, meaning);
  };
}

/** `{id}` in a path: a positive integer. */
export const idParams = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'An id is a positive integer')
    .transform(Number)
    .meta({ override: documentedAs({ type: 'integer', minimum: 1 }) }),
});

/** An integer in a query string: digits and nothing else, for `Number` reads '' as 0 and '0x10' as 16. */
export function queryInteger(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^-?\d{1,16}$/, 'It must be an integer')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .meta({ override: documentedAs({ type: 'integer', minimum, maximum }) });
}

/** A decimal number in a query string; it stays text, so that PostgreSQL compares it exactly. */
export function queryNumber() {
  return z
    .string()
    .regex(/^-?\d{1,40}(\.\d{1,40})?$/, 'It must be a number')
    .meta({ override: documentedAs({ type: 'number' }) });
}

/** Labels of a record: at most 50, each 1 to 100 characters, kept in the order given, each once. */
export const tagsField = z
  .array(z.string().trim().min(1).max(100))
  .max(50)
  .refine((tags) => new Set(tags).size === tags.length, 'A tag is given twice');

/** Free JSON that belongs to the record's owner; the server only keeps it. */
export const metadataField = z.record(z.string().max(200), z.json());

/** The fields that every record ends with. */
export const timestamps = {
  version: z.int().meta({ description: 'Goes up with every change; it is the ETag.' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  createdBy: z.string().nullable(),
  updatedBy: z.string().nullable(),
};
