import { z } from 'zod';
import { timestamps } from '#core';

/** What a field's values are. */
export const fieldTypes = ['text', 'number', 'boolean', 'date', 'select', 'url', 'cidr'] as const;

const scalar = z.union([z.string().max(2000), z.number(), z.boolean()]);
const described = {
  name: 'In `customFields` of each record; letters, digits and underscores.',
  required: 'Every new record has to have it; those that are there already may go on without.',
  default: 'What a new record has that says nothing of it.',
  pattern:
    'For text: a regular expression of PostgreSQL that has to match somewhere; write ^ and $ for all of it. References back and looking ahead or behind are refused, for they can take very long. It is not asked of values that are there already.',
  options: 'For a select: what may be chosen.',
};

/** A custom field, on the wire. */
export const fieldSchema = z
  .object({
    id: z.int(),
    model: z.string(),
    name: z.string().meta({ description: described.name }),
    label: z.string().nullable(),
    description: z.string().nullable(),
    type: z.enum(fieldTypes),
    required: z.boolean().meta({ description: described.required }),
    default: scalar.nullable().meta({ description: described.default }),
    pattern: z.string().nullable().meta({ description: described.pattern }),
    options: z.array(z.string()).nullable().meta({ description: described.options }),
    minimum: z.number().nullable(),
    maximum: z.number().nullable(),
    ...timestamps,
  })
  .meta({ id: 'CustomField' });
export type FieldRecord = z.input<typeof fieldSchema>;

const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A name has letters, digits and underscores, and begins with no digit')
  .max(63)
  // In a filter, what stands behind two of them says how it compares.
  .refine((text) => !text.includes('__'), {
    error: 'A name has no two underscores in a row',
    params: { code: 'invalid-format' },
  })
  .meta({ description: described.name });
const rules = {
  label: z.string().trim().min(1).max(200).nullish(),
  description: z.string().max(2000).nullish(),
  required: z.boolean().optional().meta({ description: described.required }),
  default: scalar.nullish().meta({ description: described.default }),
  pattern: z.string().min(1).max(200).nullish().meta({ description: described.pattern }),
  options: z
    .array(z.string().trim().min(1).max(100))
    .max(200)
    .nullish()
    .meta({ description: described.options }),
  minimum: z.number().nullish().meta({ description: 'For a number.' }),
  maximum: z.number().nullish().meta({ description: 'For a number.' }),
};

/** What makes a field. */
export const newField = z.strictObject({
  model: z.string().min(1).max(100).meta({ description: 'What the records are called: `subnet`.' }),
  name,
  type: z.enum(fieldTypes),
  ...rules,
});
export type NewField = z.output<typeof newField>;

/** What changes one. Its model stays; its type, too, while a record has a value of it. */
export const fieldPatch = newField.partial();
export type FieldPatch = z.output<typeof fieldPatch>;

/** What becomes of the values of a field that is deleted. */
export const removal = z.strictObject({
  cascade: z.enum(['values']).optional().meta({
    description: '`values`: they are taken out of all records. Without it, a field that has any stays.',
  }),
});
