import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter } from './document.ts';
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

interface Body {
  text: string;
  type: string;
}

const callers = fc.constantFrom(
  ...Array.from({ length: 20 }, () => 'admin'),
  ...['engineer', 'engineer', 'engineer', 'auditor', 'viewer', 'nobody', 'forger'],
);

/** Requests of a route: two of three as its schemas want them, the others nearly so, or nonsense. `seen` are cursors of answers. */
export function requestsOf(operation: Operation, values: Values, seen: string[]): Arbitrary<FuzzRequest> {
  return fc.oneof(
    { arbitrary: new Requests(operation, values, seen, true).all, weight: 2 },
    { arbitrary: new Requests(operation, values, seen, false).all, weight: 1 },
  );
}

/** The requests of one route that are made carefully, or not. */
class Requests {
  readonly all: Arbitrary<FuzzRequest>;
  readonly #operation: Operation;
  readonly #values: Values;
  readonly #seen: string[];
  readonly #careful: boolean;

  constructor(operation: Operation, values: Values, seen: string[], careful: boolean) {
    this.#operation = operation;
    this.#values = values;
    this.#seen = seen;
    this.#careful = careful;
    this.all = fc
      .record({
        path: this.#path(),
        search: this.#search(),
        headers: this.#headers(),
        body: this.#body(),
        as: callers,
      })
      .map(({ path, search, headers, body, as }) => ({
        operation,
        path: search === '' ? path : `${path}?${search}`,
        as,
        headers: body ? { ...headers, 'Content-Type': body.type } : headers,
        body: body?.text,
      }));
  }

  #of(schema: Parameter['schema']): Arbitrary<unknown> {
    return this.#careful ? this.#values.valid(schema) : this.#values.nearly(schema);
  }

  #in(place: Parameter['in']): Parameter[] {
    return this.#operation.parameters.filter((parameter) => parameter.in === place);
  }

  #path(): Arbitrary<string> {
    const named = this.#in('path').map(({ name, schema }) =>
      this.#of(schema)
        .map(asText)
        // Dots alone would name another path.
        .map((value) => [name, /^\.*$/.test(value) ? 'x' : value] as const),
    );
    return fc.tuple(...named).map((pairs) => {
      const values = new Map(pairs);
      return this.#operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => encoded(values.get(name) ?? ''));
    });
  }

  #search(): Arbitrary<string> {
    const known = this.#in('query').map((parameter) => ({
      parameter,
      value: this.#parameter(parameter),
    }));
    const most = Math.min(3, known.length);
    const chosen = fc
      .subarray(known, { maxLength: most })
      .chain((some) =>
        fc.tuple(...some.map(({ parameter, value }) => value.map((all) => [parameter.name, all] as const))),
      );
    const { junk } = this.#values;
    const unknown = fc.tuple(
      junk.map(asText),
      junk.map((value) => [asText(value)]),
    );
    const asked = this.#careful
      ? chosen
      : fc.tuple(chosen, fc.array(unknown, { maxLength: 1 })).map((two) => two.flat());
    return asked.map((pairs) =>
      pairs
        .flatMap(([name, all]) => all.map((value) => `${encoded(name)}=${encoded(value)}`))
        .join('&')
        .slice(0, 6_000),
    );
  }

  /** The texts of one parameter; several of it are several pairs of the query. */
  #parameter({ name, schema }: Parameter): Arbitrary<string[]> {
    const made = this.#of(schema).map((value) => [value].flat().map(asText));
    if (name === 'cursor') return fc.nat().map((nth) => [this.#seen[nth % this.#seen.length] ?? 'x']);
    // Many a parameter is text that says in words what it takes: `One of id, name`.
    const words = schema.type === 'string' && !schema.enum ? wordsIn(schema.description) : [];
    if (words.length === 0) return made;
    const word = fc.constantFrom(...words);
    if (name === 'q') return fc.oneof(this.#query(word), made);
    const listed = fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((some) => [some.join(',')]);
    return name === 'sort'
      ? fc.tuple(fc.constantFrom('', '-'), word).map((parts) => [parts.join('')])
      : listed;
  }

  #query(word: Arbitrary<string>): Arbitrary<string[]> {
    const operator = fc.constantFrom('=', '!=', '>', '<=', 'contains', 'within', 'is empty');
    const comparison = fc.tuple(word, operator, this.#of({ type: 'string' })).map((parts) => parts.join(' '));
    const several = fc.array(comparison, { minLength: 1, maxLength: 3 });
    return fc.tuple(several, fc.constantFrom(' and ', ' or ', ' ')).map(([all, by]) => [all.join(by)]);
  }

  #headers(): Arbitrary<Record<string, string>> {
    const made = this.#in('header').map(({ name, schema }) => {
      // What Node lets a header hold.
      const plain = this.#of(schema).map((value) =>
        asText(value)
          .replaceAll(/[^\x20-\x7e]/g, '')
          .slice(0, 300),
      );
      return [
        name,
        name === 'If-Match' ? fc.oneof(plain, fc.constantFrom('"1"', '"2"', '*', 'W/"1"')) : plain,
      ];
    });
    const fields: Record<string, Arbitrary<string>> = Object.fromEntries(made);
    return fc.record(fields, { requiredKeys: [], noNullPrototype: true }) as Arbitrary<
      Record<string, string>
    >;
  }

  #body(): Arbitrary<Body | undefined> {
    const { method, body } = this.#operation;
    if (method === 'get' || method === 'delete') return fc.constant(undefined);
    const json = this.#of(body ?? {}).map((value) => ({
      text: JSON.stringify(body ? value : {}) ?? 'null',
      type: 'application/json',
    }));
    return this.#careful
      ? json
      : fc.oneof({ arbitrary: json, weight: 9 }, { arbitrary: spoilt(json), weight: 1 });
  }
}

/** Bodies that are no JSON, or odd JSON, or are said to be something else. */
function spoilt(json: Arbitrary<Body>): Arbitrary<Body> {
  const deep = fc.integer({ min: 50, max: 3_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth));
  const cut = fc.tuple(json, fc.nat({ max: 40 })).map(([{ text }, length]) => text.slice(0, length));
  const odd = fc.constantFrom(
    '{"count":1e999}',
    '\ufeff{}',
    '{"a":1,"a":2}',
    'null',
    '""',
    '[]',
    '{"__proto__":{"a":1}}',
  );
  const type = fc.constantFrom('application/json', 'application/json', 'text/plain');
  return fc.record({ text: fc.oneof(deep, cut, odd), type });
}

function wordsIn(description = ''): string[] {
  const [, listed = description] = /(?:: |One of )([^;]*)/.exec(description) ?? [];
  return listed.match(/[A-Za-z]\w*(?:\.\w+)*/g) ?? [];
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function encoded(text: string): string {
  return encodeURIComponent(text.slice(0, 2_000).toWellFormed());
}
