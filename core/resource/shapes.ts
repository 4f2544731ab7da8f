import type { Model } from 'sequelize';
import { z } from 'zod';
import { type CustomValue, commonBody, commonSchema } from './common.ts';
import type { Field, Fields, Presence, ReferenceField } from './field.ts';
import { nameOf } from './target.ts';

type Flat<T> = { [K in keyof T]: T[K] };
type NameOf<K> = K extends `${infer Name}Id` ? Name : never;
type Having<F extends Fields, P extends Presence> = {
  [K in keyof F]: F[K]['presence'] extends P ? K : never;
}[keyof F];
type Referring<F extends Fields> = { [K in keyof F]: F[K] extends ReferenceField ? K : never }[keyof F];
type Named<S extends z.ZodType> = S extends z.ZodNullable ? z.ZodNullable<z.ZodString> : z.ZodString;
/** What clients write. */
type Written<F extends Fields> = Having<F, 'required' | 'optional'>;
/** References by name. */
type ByName<F extends Fields> = {
  [K in Referring<F> & Written<F> as NameOf<K>]: z.ZodOptional<Named<F[K]['body']>>;
};

/** The fields of a record as clients see it. */
export type RecordShape<F extends Fields> = Flat<
  { id: z.ZodInt } & { [K in keyof F]: F[K]['schema'] } & typeof commonSchema
>;
/** What a POST takes. */
export type NewShape<F extends Fields> = Flat<
  { [K in Exclude<Having<F, 'required'>, Referring<F>>]: F[K]['body'] } & {
    [K in Having<F, 'optional'> | Extract<Having<F, 'required'>, Referring<F>>]: z.ZodOptional<F[K]['body']>;
  } & ByName<F> &
    typeof commonBody
>;
/** What a PATCH takes. */
export type PatchShape<F extends Fields> = Flat<
  { [K in Written<F>]: z.ZodOptional<F[K]['body']> } & ByName<F> & typeof commonBody
>;

export type RecordOf<F extends Fields> = z.input<z.ZodObject<RecordShape<F>>>;
export type NewOf<F extends Fields> = z.output<z.ZodObject<NewShape<F>>>;
export type PatchOf<F extends Fields> = z.output<z.ZodObject<PatchShape<F>>>;
/** What is written to the columns, references by id. */
export type ValuesOf<F extends Fields> = Flat<
  { [K in Written<F>]?: z.output<F[K]['body']> | undefined } & {
    [K in keyof typeof commonBody]?: z.output<(typeof commonBody)[K]>;
  }
>;

/** A row as Sequelize knows it. */
type Row<F extends Fields> = Flat<
  { id: number } & { [K in Exclude<keyof F, Having<F, 'computed'>>]: z.output<F[K]['schema']> } & {
    description: string | null;
    tags: string[];
    metadata: Record<string, unknown>;
    customFields: Record<string, CustomValue>;
    version: number;
    createdAt: Date;
    updatedAt: Date;
    createdBy: string | null;
    updatedBy: string | null;
  }
>;
export type ModelOf<F extends Fields> = Model<Row<F>>;
export type ColumnOf<F extends Fields> = keyof Row<F> & string;

/** True of a field that refers to a record. */
export const isReference = (field: Field): field is ReferenceField => 'target' in field;
/** True of a field that clients write. */
export const isWritten = ({ presence }: Field) => presence === 'required' || presence === 'optional';

/** For `refine`, whatever else is wrong with the body, so that all of it is told at once. */
const always = { when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null };

/** The body of a POST or, where `isPatch`, of a PATCH: references by id or by name, not by both. */
export function bodyOf(fields: Fields, isPatch: boolean): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  const references = Object.entries(fields).filter(([, each]) => isReference(each) && isWritten(each));
  for (const [name, each] of Object.entries(fields)) {
    if (!isWritten(each)) continue;
    const isOptional = isPatch || each.presence === 'optional' || isReference(each);
    // Said in the body, too, a default stands in the API docs and in the panel's form.
    const told =
      isPatch || each.default === undefined ? each.body.optional() : each.body.default(each.default);
    shape[name] = isOptional ? told : each.body;
    if (!isReference(each)) continue;
    const byName = z.string().trim().min(1).max(200);
    const meta = { description: `By name, instead of ${name}.` };
    shape[nameOf(name)] = (each.nullable ? byName.nullable() : byName).optional().meta(meta);
  }
  let body = z.strictObject({ ...shape, ...commonBody });
  for (const [name, each] of references) {
    const other = nameOf(name);
    const given = (value: object) =>
      [name, other].filter((one) => (value as Record<string, unknown>)[one] !== undefined);
    body = body.refine((value) => given(value).length < 2, {
      ...always,
      message: `Give ${name} or ${other}, not both`,
      path: [other],
    });
    if (isPatch || each.presence === 'optional') continue;
    body = body.refine((value) => given(value).length > 0, {
      ...always,
      message: `It is missing: give ${name}, or ${other} by name.`,
      path: [name],
      params: { code: 'required' },
    });
  }
  return body;
}

/** The schema of a record; `name` is what the API docs call it. */
export function recordOf(fields: Fields, name: string): z.ZodObject {
  const own = Object.entries(fields).map(([each, { schema }]) => [each, schema]);
  return z.object({ id: z.int(), ...Object.fromEntries(own), ...commonSchema }).meta({ id: name });
}
