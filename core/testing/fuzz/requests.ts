import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter, Schema } from './document.ts';
import type { Values } from './values.ts';

/** One request to send. */
export interface FuzzRequest {
  operation: Operation;
  /** Below the API's base, with its query. */
  path: string;
  /** Who asks: a role, nobody, or somebody with a token that is none. */
  as: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const callers = fc.constantFrom(
  ...Array.from({ length: 14 }, () => 'admin'),
  ...['engineer', 'engineer', 'auditor', 'viewer', 'nobody', 'forger'],
);

/** The words in which a parameter says what it takes, such as `One of id, name`. */
function wordsOf({ schema }: Parameter): string[] {
  return (schema.description ?? '').match(/[a-z][A-Za-z.]+/g) ?? [];
}

/** Requests of a route: more than half are right, as far as its schemas say; the others are nearly so, or nonsense. `seen` are cursors of earlier answers. */
export function requestsOf(
  operation: Operation,
  values: Values,
  seen: readonly string[],
): Arbitrary<FuzzRequest> {
  const right = madeWith(operation, values, seen, (schema) => values.valid(schema));
  const nearly = madeWith(operation, values, seen, (schema) => values.nearly(schema));
  return fc.oneof({ arbitrary: right, weight: 3 }, { arbitrary: nearly, weight: 2 });
}

function madeWith(
  operation: Operation,
  values: Values,
  seen: readonly string[],
  make: (schema: Schema) => Arbitrary<unknown>,
): Arbitrary<FuzzRequest> {
  const { method, parameters, body } = operation;
  const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

  function valuesOf(parameter: Parameter): Arbitrary<string[]> {
    const { name, schema } = parameter;
    const several = make(schema).map((value) => [value].flat().map(text));
    const words = wordsOf(parameter);
    if (name === 'cursor')
      return fc.oneof(
        several,
        fc.nat().map((nth) => [seen[nth % seen.length] ?? 'x']),
      );
    if (schema.type !== 'string' || words.length === 0) return several;
    const word = fc.constantFrom(...words);
    if (name !== 'q') {
      const listed = fc.array(word, { minLength: 1, maxLength: 3 }).map((each) => [each.join(',')]);
      return fc.oneof(
        several,
        listed,
        word.map((each) => [`-${each}`]),
      );
    }
    const operator = fc.constantFrom('=', '!=', '>', '<=', 'contains', 'within', 'withinInclude', 'is empty');
    const comparison = fc.tuple(word, operator, make({ type: 'string' })).map((parts) => parts.join(' '));
    const joined = fc.array(comparison, { minLength: 1, maxLength: 3 });
    return fc.oneof(
      several,
      fc.tuple(joined, fc.constantFrom(' and ', ' or ', ' ')).map(([all, by]) => [all.join(by)]),
    );
  }

  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const inHeader = parameters.filter((parameter) => parameter.in === 'header');
  const segments = fc.tuple(
    ...inPath.map(({ schema }) => {
      const odd = values.junk.map(text).filter((made) => !/^\.*$/.test(made));
      return fc.oneof(
        { arbitrary: values.valid(schema).map(text), weight: 9 },
        { arbitrary: odd, weight: 1 },
      );
    }),
  );
  const one = inQuery.map((parameter) => valuesOf(parameter).map((all) => [parameter.name, all] as const));
  const unknown = fc.tuple(
    values.junk.map(text),
    values.junk.map((value) => [text(value)]),
  );
  const query =
    one.length > 0
      ? fc.array(fc.oneof({ arbitrary: fc.oneof(...one), weight: 20 }, { arbitrary: unknown, weight: 1 }), {
          maxLength: 4,
        })
      : fc.array(unknown, { maxLength: 1 });
  const header = fc.record(
    Object.fromEntries(inHeader.map(({ name, schema }) => [name, headerText(name, make(schema).map(text))])),
    { requiredKeys: [], noNullPrototype: true },
  );
  const sent = method === 'get' || method === 'delete' ? fc.constant(undefined) : bodies(make(body ?? {}));

  return fc
    .record({ segments, query, header, sent, as: callers })
    .map(({ segments: filled, query: asked, ...made }) => {
      const named = new Map(inPath.map(({ name }, nth) => [name, filled[nth] as string]));
      const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => encoded(named.get(name) ?? ''));
      const pairs = asked.flatMap(([name, all]) => all.map((value) => `${encoded(name)}=${encoded(value)}`));
      const search = pairs.join('&').slice(0, 6_000);
      const type = made.sent === undefined ? {} : { 'Content-Type': made.sent.type };
      return {
        operation,
        path: search === '' ? path : `${path}?${search}`,
        as: made.as,
        headers: { ...(made.header as Record<string, string>), ...type },
        body: made.sent?.text,
      };
    });
}

function encoded(text: string): string {
  return encodeURIComponent(text.slice(0, 2_000).toWellFormed());
}

/** What Node lets a header hold. */
function headerText(name: string, made: Arbitrary<string>): Arbitrary<string> {
  const plain = made.map((value) => value.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 300));
  return name === 'If-Match' ? fc.oneof(plain, fc.constantFrom('"1"', '"2"', '*', 'W/"1"')) : plain;
}

function bodies(made: Arbitrary<unknown>): Arbitrary<{ text: string; type: string }> {
  const json = made.map((value) => ({ text: JSON.stringify(value) ?? 'null', type: 'application/json' }));
  const deep = fc.integer({ min: 50, max: 3_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`);
  const cut = fc.tuple(json, fc.nat({ max: 40 })).map(([{ text }, length]) => text.slice(0, length));
  const odd = fc.oneof(
    deep,
    cut,
    fc.constantFrom('{"count":1e999}', '\ufeff{}', '{"a":1,"a":2}', 'null', '""'),
  );
  return fc.oneof(
    { arbitrary: json, weight: 30 },
    { arbitrary: odd.map((text) => ({ text, type: 'application/json' })), weight: 1 },
    { arbitrary: json.map(({ text }) => ({ text, type: 'text/plain' })), weight: 1 },
  );
}
