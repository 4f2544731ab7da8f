import { z } from 'zod';
import type { Bindings, Filter } from '../filters.ts';
import { Faults, nearNames } from '../validate.ts';
import { type Expression, type Operator, parseQuery, type Term } from './parse.ts';
import { QueryRefusal, refuse } from './refusal.ts';

/** The open filters that a request is about, as the database has them: field → what stands behind the dot → filter. */
export type Opened = ReadonlyMap<string, ReadonlyMap<string, Filter>>;

/** A condition in SQL, its values bound when it is used. */
export interface Condition {
  /** Throws `QueryRefusal` where a term about an open filter names none, or compares with what is not possible. */
  (bindings: Bindings, opened?: Opened): string;
  /** The fields whose open filters it has to be given. */
  readonly open?: ReadonlySet<string>;
}

/** What a query may speak of: the filters of a list, and which of its fields `within` and `contains` are about. */
export interface QueryLanguage {
  filters: Readonly<Record<string, Filter>>;
  network?: string | undefined;
  /** Fields whose filters are read when the query is used. */
  open?: readonly string[];
}

const suffixes: Partial<Record<Operator, string>> = {
  '=': '',
  '!=': '__ne',
  '>': '__gt',
  '>=': '__gte',
  '<': '__lt',
  '<=': '__lte',
  contains: '__contains',
  within: '__within',
  withinInclude: '__withinInclude',
  'is empty': '__empty',
  'is not empty': '__empty',
};
const ofNetworks = ['within', 'withinInclude', 'contains'];
const longest = 2000;

/** The query parameter `q` of a list: its text is parsed into a condition, made of the same parts as the list's filters. */
export function querySchema(language: QueryLanguage): z.ZodType<Condition, string> {
  return z
    .string()
    .max(longest)
    .transform((text, ctx) => {
      try {
        return compileQuery(text, language);
      } catch (fault) {
        if (!(fault instanceof QueryRefusal)) throw fault;
        ctx.addIssue({ code: 'custom', message: fault.message, params: { code: fault.code } });
        return z.NEVER;
      }
    })
    .meta({
      override: { type: 'string', maxLength: longest },
      description: `A query: comparisons joined by and, or, not and brackets. Fields: ${[...fieldsOf(language), ...(language.open ?? []).map((field) => `${field}.<name>`)].join(', ')}.`,
    });
}

/** Compiles a query; throws `QueryRefusal` where it is none, names what is not there, or compares with a value that is not possible. */
function compileQuery(text: string, language: QueryLanguage): Condition {
  const open = new Set<string>();
  const condition = conditionOf(parseQuery(text), language, namesOf(language), open);
  return Object.assign((...call: Parameters<Condition>) => condition(...call), { open });
}

/** The fields of a language by their names in small letters. */
function namesOf(language: QueryLanguage): ReadonlyMap<string, string> {
  return new Map(fieldsOf(language).map((field) => [field.toLowerCase(), field]));
}

function fieldsOf({ filters, network }: QueryLanguage): string[] {
  return Object.keys(filters).filter(
    (name) => !name.includes('__') && !(network !== undefined && ofNetworks.includes(name)),
  );
}

function conditionOf(
  expression: Expression,
  language: QueryLanguage,
  fields: ReadonlyMap<string, string>,
  open: Set<string>,
): Condition {
  if (expression.kind === 'term')
    return openTermOf(expression, language, open) ?? termOf(expression, language, fields);
  if (expression.kind === 'not') return negated(conditionOf(expression.of, language, fields, open));
  const parts = expression.parts.map((part) => conditionOf(part, language, fields, open));
  const word = expression.kind === 'and' ? ' AND ' : ' OR ';
  return (...call) => `(${parts.map((part) => part(...call)).join(word)})`;
}

/** A term about an open filter, noted in `open`: what it means is known only when the filters are. */
function openTermOf(term: Term, language: QueryLanguage, open: Set<string>): Condition | undefined {
  const name = term.field.text.toLowerCase();
  const field = language.open?.find((each) => name.startsWith(`${each.toLowerCase()}.`));
  if (field === undefined) return undefined;
  open.add(field);
  return (bindings, opened) => {
    const filters = [...(opened?.get(field) ?? [])].map(([own, filter]) => [`${field}.${own}`, filter]);
    const read = { filters: Object.fromEntries(filters) };
    return termOf(term, read, namesOf(read), `${field}.`)(bindings);
  };
}

/** Not so, or not known: who has no name does not have the name that was asked for. */
function negated(condition: Condition): Condition {
  return (...call) => `(${condition(...call)}) IS NOT TRUE`;
}

/** `prefix` is what all fields begin with, and a mistyped one, too. */
function termOf(
  term: Term,
  language: QueryLanguage,
  fields: ReadonlyMap<string, string>,
  prefix = '',
): Condition {
  const { field, operator, values } = term;
  const name = fields.get(field.text.toLowerCase());
  if (name === undefined) return refuseField(term, [...fields.values()], prefix);
  const filter = filterOf(name, operator, language);
  if (filter) return comparing(filter, term);
  const opposite = operator === '!=' ? filterOf(name, '=', language) : undefined;
  if (opposite) return negated(comparing(opposite, term));
  const possible = operatorsOf(name, language).join(', ');
  const what = values.length > 1 ? 'in' : operator;
  return refuse(
    term.written.column,
    'bad-operator',
    `"${name}" does not take "${what}"; it takes ${possible}.`,
  );
}

function filterOf(
  field: string,
  operator: Operator,
  { filters, network }: QueryLanguage,
): Filter | undefined {
  if (field === network && ofNetworks.includes(operator)) return filters[operator];
  const suffix = suffixes[operator];
  return suffix === undefined ? undefined : filters[`${field}${suffix}`];
}

function comparing(filter: Filter, { operator, values }: Term): Condition {
  if (operator === 'is empty' || operator === 'is not empty') {
    return (bindings) => filter.condition([operator === 'is empty'], bindings);
  }
  const read = values.map(({ text, column }) => {
    const faults = new Faults();
    const value = faults.check('q', filter.schema, text);
    const [fault] = faults.errors;
    if (fault) {
      const names = fault.message.startsWith(`"${text}"`);
      refuse(column, 'bad-value', names ? fault.message : `"${text}" is not possible here: ${fault.message}`);
    }
    return value;
  });
  return (bindings) => filter.condition(read, bindings);
}

function refuseField({ field }: Term, known: readonly string[], prefix: string): never {
  const own = (name: string) => name.slice(prefix.length);
  const near = nearNames(own(field.text), known.map(own)).map((name) => `"${prefix}${name}"`);
  const there = known.length > 0 ? `there are ${known.join(', ')}.` : 'there are none like it.';
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : there;
  return refuse(field.column, 'unknown-field', `there is no field "${field.text}"; ${hint}`);
}

/** The operators that a field takes, as they are written. */
function operatorsOf(field: string, language: QueryLanguage): string[] {
  const operators = [...Object.keys(suffixes), ...ofNetworks] as Operator[];
  const taken = operators.filter((operator) => filterOf(field, operator, language));
  const equality = taken.includes('=') ? ['=', '!=', 'in'] : [];
  return [...new Set([...equality, ...taken])];
}
