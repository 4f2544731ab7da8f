import fc, { type Arbitrary } from 'fast-check';
import type { Document, Schema } from './document.ts';

/** What the domain of a register adds: how its formats are made, and words that mean something in it. */
export interface Vocabulary {
  formats: Record<string, Arbitrary<string>>;
  words: readonly string[];
}

/** Texts that have broken programs before. */
const nasty = [
  ...['', ' ', '0', '-1', 'null', 'true', 'NaN', '1e999', '0x10', 'undefined', '[object Object]'],
  ...["' OR 1=1 --", "'; DROP TABLE subnet; --", '$1', '%', '_', '\\', '"', '{{7*7}}', '../../etc/passwd'],
  ...[
    '<script>alert(1)</script>',
    '</script>',
    '=cmd|calc',
    'x\u0000y',
    '\ud800',
    '\u202e',
    'ünïcödé ☃ 𝒳',
    '\r\n',
  ],
  ...['2999-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '99999-01-01T00:00:00Z', '2026-02-30T00:00:00Z'],
  'a'.repeat(5_000),
];
const numbers = [
  ...[0, -0, -1, 0.5, 33, 129, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 1e308, -1e308, 5e-324],
];
const oddKeys = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'x\u0000',
  '\udfff',
  'id',
  'version',
  'createdBy',
];

/** Makes values that fit schemas of one document, and such that nearly do. */
export class Values {
  readonly #schemas: Record<string, Schema>;
  readonly #vocabulary: Vocabulary;
  readonly #text: Arbitrary<string>;
  readonly junk: Arbitrary<unknown>;

  constructor(document: Document, vocabulary: Vocabulary) {
    this.#schemas = document.components.schemas;
    this.#vocabulary = vocabulary;
    const words = fc.constantFrom(...vocabulary.words);
    this.#text = fc.oneof(words, fc.string({ maxLength: 20, unit: 'grapheme' }));
    const leaf = fc.oneof(
      fc.constantFrom(null, true, false, ...nasty, ...numbers),
      words,
      fc.integer({ min: -10, max: 3_000 }),
    );
    const keys = fc.constantFrom(...oddKeys, ...this.#propertyNames());
    this.junk = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3, withCrossShrink: false },
        leaf,
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).any;
  }

  #propertyNames(): string[] {
    return Object.values(this.#schemas).flatMap(({ properties = {} }) => Object.keys(properties));
  }

  #resolved(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    return this.#schemas[schema.$ref.split('/').at(-1) as string] ?? {};
  }

  /** Values of a schema. */
  valid(given: Schema, depth = 0): Arbitrary<unknown> {
    const schema = this.#resolved(given);
    const branches = schema.anyOf ?? schema.oneOf;
    if (depth > 6) return fc.constant(null);
    if (branches) return fc.oneof(...branches.map((branch) => this.valid(branch, depth + 1)));
    if (schema.allOf) {
      const parts = schema.allOf.map((part) => this.valid(part, depth + 1));
      return fc.tuple(...parts).map((made) => Object.assign({}, ...(made as object[])));
    }
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if ('const' in schema) return fc.constant(schema.const);
    const types = [schema.type ?? 'any'].flat();
    return fc.oneof(...types.map((type) => this.#ofType(type, schema, depth)));
  }

  #ofType(type: string, schema: Schema, depth: number): Arbitrary<unknown> {
    if (type === 'string') return this.#string(schema);
    if (type === 'integer' || type === 'number') return number(schema, type === 'number');
    if (type === 'boolean') return fc.boolean();
    if (type === 'null') return fc.constant(null);
    if (type === 'array') {
      const { minItems: minLength = 0, maxItems = 4 } = schema;
      const maxLength = Math.max(minLength, Math.min(maxItems, 4));
      return fc.array(this.valid(schema.items ?? {}, depth + 1), { minLength, maxLength });
    }
    return type === 'object' ? this.#object(schema, depth) : this.junk;
  }

  #string({ format = '', pattern, minLength = 0, maxLength = 5_000 }: Schema): Arbitrary<string> {
    const known = this.#vocabulary.formats[format];
    if (known) return known;
    const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
    const fitting = this.#vocabulary.words.filter(
      (word) => fits(word) && (!pattern || new RegExp(pattern).test(word)),
    );
    const word = fitting.length > 0 ? fc.constantFrom(...fitting) : fc.constant('a'.repeat(minLength));
    const free = pattern ? matching(pattern) : this.#text;
    return free ? fc.oneof(word, free.filter(fits)) : word;
  }

  #object(
    { properties = {}, required = [], additionalProperties }: Schema,
    depth: number,
  ): Arbitrary<object> {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, this.valid(schema, depth + 1)]),
    );
    if (typeof additionalProperties !== 'object') return someOf(fields, required);
    return fc.dictionary(this.#text, this.valid(additionalProperties, depth + 1), {
      maxKeys: 3,
      noNullPrototype: true,
    });
  }

  /** Values of a schema, now and then with a part made anything, left out, or put in. */
  nearly(schema: Schema): Arbitrary<unknown> {
    const valid = this.valid(schema);
    const spoilt = fc.tuple(valid, fc.nat(), this.junk, fc.constantFrom(...oddKeys)).map(spoil);
    return fc.oneof(
      { arbitrary: valid, weight: 5 },
      { arbitrary: spoilt, weight: 4 },
      { arbitrary: this.junk, weight: 1 },
    );
  }
}

/** Objects with all that is required and little else: each further field may have a rule of its own that forbids another. */
function someOf(fields: Record<string, Arbitrary<unknown>>, required: readonly string[]): Arbitrary<object> {
  const optional = Object.keys(fields).filter((name) => !required.includes(name));
  return fc.subarray(optional, { maxLength: Math.min(3, optional.length) }).chain((chosen) => {
    const made = [...required, ...chosen].map((name) => [name, fields[name] ?? fc.constant(null)]);
    return fc.record(Object.fromEntries(made), { noNullPrototype: true });
  });
}

function number(schema: Schema, isFraction: boolean): Arbitrary<number> {
  const { maximum = 2 ** 53 - 1, exclusiveMinimum } = schema;
  const minimum = exclusiveMinimum === undefined ? (schema.minimum ?? -(2 ** 53) + 1) : exclusiveMinimum + 1;
  const whole = fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) });
  // Ids and counts that mean something are small.
  const least = Math.max(1, Math.ceil(minimum));
  const small = fc.integer({ min: least, max: Math.max(least, Math.min(20, maximum)) });
  const likely = maximum < 1 ? whole : small;
  return isFraction
    ? fc.oneof(
        likely,
        whole,
        whole.map((value) => value / 10),
      )
    : fc.oneof({ arbitrary: likely, weight: 9 }, { arbitrary: whole, weight: 1 });
}

/** Texts of a pattern; undefined for one that looks ahead, which fast-check does not make. */
function matching(pattern: string): Arbitrary<string> | undefined {
  try {
    const made = fc.stringMatching(new RegExp(pattern));
    fc.sample(made, 1);
    return made;
  } catch {
    return undefined;
  }
}

function spoil([value, at, junk, odd]: [unknown, number, unknown, string]): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [junk] : value.with(at % value.length, junk);
  if (typeof value !== 'object' || value === null) return junk;
  const keys = [...Object.keys(value), odd];
  const key = keys[at % keys.length] as string;
  const { [key]: _, ...others } = value as Record<string, unknown>;
  return at % 3 === 0 ? others : { ...others, [key]: junk };
}
