import { z } from 'zod';
import type { Bindings, Filter } from '../filters.ts';
import { Faults, nearNames } from '../validate.ts';
import { type Expression, type Operator, parseQuery, type Term } from './parse.ts';
import { QueryRefusal, refuse } from './refusal.ts';

/** A condition in SQL, its values bound when it is used. */
export type Condition = (bindings: Bindings) => string;

/** What a query may speak of: the filters of a list, and which of its fields `within` and `contains` are about. */
export interface QueryLanguage {
  filters: Readonly<Record<string, Filter>>;
  network?: string | undefined;
}

const suffixes: Partial<Record<Operator, string>> = {
  '=': '',
  '!=': '__ne',
  '>': '__gt',
  '>=': '__gte',
  '<': '__lt',
  '<=': '__lte',
  contains: '__contains',
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
      description: `A query: comparisons joined by and, or, not and brackets. Fields: ${fieldsOf(language).join(', ')}.`,
    });
}

/** Compiles a query; throws `QueryRefusal` where it is none, names what is not there, or compares with a value that is not possible. */
function compileQuery(text: string, language: QueryLanguage): Condition {
  return conditionOf(
    parseQuery(text),
    language,
    new Map(fieldsOf(language).map((f) => [f.toLowerCase(), f])),
  );
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
): Condition {
  if (expression.kind === 'term') return termOf(expression, language, fields);
  if (expression.kind === 'not') return negated(conditionOf(expression.of, language, fields));
  const parts = expression.parts.map((part) => conditionOf(part, language, fields));
  const word = expression.kind === 'and' ? ' AND ' : ' OR ';
  return (bindings) => `(${parts.map((part) => part(bindings)).join(word)})`;
}

/** Not so, or not known: who has no name does not have the name that was asked for. */
function negated(condition: Condition): Condition {
  return (bindings) => `(${condition(bindings)}) IS NOT TRUE`;
}

function termOf(term: Term, language: QueryLanguage, fields: ReadonlyMap<string, string>): Condition {
  const { field, operator, values } = term;
  const name = fields.get(field.text.toLowerCase());
  if (name === undefined) return refuseField(term, [...fields.values()]);
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

function refuseField({ field }: Term, known: readonly string[]): never {
  const near = nearNames(field.text, known).map((name) => `"${name}"`);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${known.join(', ')}.`;
  return refuse(field.column, 'unknown-field', `there is no field "${field.text}"; ${hint}`);
}

/** The operators that a field takes, as they are written. */
function operatorsOf(field: string, language: QueryLanguage): string[] {
  const operators = [...Object.keys(suffixes), ...ofNetworks] as Operator[];
  const taken = operators.filter((operator) => filterOf(field, operator, language));
  const equality = taken.includes('=') ? ['=', '!=', 'in'] : [];
  return [...new Set([...equality, ...taken])];
}
