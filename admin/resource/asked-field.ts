import { z } from 'zod';
import type { Route } from '#core';
import { wordsOf } from '../words.ts';
import { labelsIn } from './columns.ts';

/** A field of a route's body that a person may fill in before a button's route is called. */
export interface AskedField {
  name: string;
  label: string;
  kind: 'text' | 'long' | 'number' | 'choice' | 'list';
  options: readonly string[];
  hint: string;
}

type Schema = z.core.JSONSchema.BaseSchema;

/** Texts that may be longer than this are asked for in several lines. */
const oneLine = 500;

/** What a schema asks for, where null is as good as nothing. */
function essence(schema: Schema): Schema {
  const choices = (schema.anyOf ?? []).filter((each) => each.type !== 'null');
  return choices.length === 1 && choices[0] ? { ...schema, ...choices[0] } : schema;
}

function kindOf({ type, enum: options, maxLength }: Schema): AskedField['kind'] {
  if (options) return 'choice';
  if (type === 'array') return 'list';
  if (type === 'integer' || type === 'number') return 'number';
  return typeof maxLength === 'number' && maxLength > oneLine ? 'long' : 'text';
}

function propertiesOf({ body }: Route): Record<string, Schema> {
  if (!body) return {};
  const { properties = {} } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) =>
      typeof schema === 'boolean' ? [] : [[name, essence(schema)] as const],
    ),
  );
}

/** The named fields of a route's body as a form asks for them; a name that its schema does not have is left out. */
export function askedFields(route: Route, names: readonly string[]): AskedField[] {
  const properties = propertiesOf(route);
  return names.flatMap((name) => {
    const schema = properties[name];
    if (!schema) return [];
    return [
      {
        name,
        label: wordsOf(name),
        kind: kindOf(schema),
        options: (schema.enum ?? []).map(String),
        hint: schema.description ?? '',
      },
    ];
  });
}

const numberIn = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);

/** What was filled in, as the body has it; what is left empty is not there. What is no number stays text, and what is no text what it is: the route says what is wrong. */
export function askedValues(fields: readonly AskedField[], payload: unknown): Record<string, unknown> {
  const form = (payload ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    fields.flatMap(({ name, kind }): [string, unknown][] => {
      const given = form[name] ?? '';
      // JSON may hold what no field of a form does.
      if (typeof given === 'object') return [[name, given]];
      const text = String(given).trim();
      if (text === '') return [];
      if (kind === 'list') return [[name, labelsIn(text).map(numberIn)]];
      return [[name, kind === 'number' ? numberIn(text) : text]];
    }),
  );
}
