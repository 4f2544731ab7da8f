import { refuse } from './refusal.ts';
import { type Token, tokensOf } from './tokens.ts';

/** What a term compares by; `in` is `=` with several values, `not in` is `!=`. */
export type Operator =
  | '='
  | '!='
  | '>'
  | '>='
  | '<'
  | '<='
  | 'contains'
  | 'within'
  | 'withinInclude'
  | 'is empty'
  | 'is not empty';

/** One comparison; `written` is the operator where it stands. */
export interface Term {
  kind: 'term';
  field: Token;
  operator: Operator;
  written: Token;
  values: readonly Token[];
}

export type Expression =
  | Term
  | { kind: 'and' | 'or'; parts: readonly Expression[] }
  | { kind: 'not'; of: Expression };

/** Brackets and `not`s inside each other. */
const deepest = 50;
/** Terms of a query, each value of an `in` counted as one. */
const mostTerms = 200;

const signs = ['=', '!=', '>', '>=', '<', '<='];
const words = new Map(['contains', 'within', 'withinInclude'].map((word) => [word.toLowerCase(), word]));
const reserved = ['and', 'or', 'not'];

/**
 * Reads a query: terms joined by `and`, `or`, `not` and brackets, where `and` binds closer than `or`. Words of the language may be
 * written in capitals. What it cannot read it refuses (`QueryRefusal`), naming the column and what was expected there.
 */
export function parseQuery(query: string): Expression {
  const tokens = tokensOf(query);
  let at = 0;
  let depth = 0;
  let terms = 0;

  const peek = () => tokens[at] as Token;
  const take = () => tokens[at++] as Token;
  const isWord = (...names: string[]) => peek().kind === 'word' && names.includes(peek().text.toLowerCase());
  const isSign = (...names: string[]) => peek().kind === 'sign' && names.includes(peek().text);
  const skip = (found: boolean) => {
    if (found) at += 1;
    return found;
  };

  function expected(what: string): never {
    const { kind, text, column } = peek();
    const found = kind === 'end' ? 'the query ends here' : `found "${text}"`;
    return refuse(column, 'bad-query', `${found}, where ${what} is expected.`);
  }

  function joined(word: 'and' | 'or', part: () => Expression): Expression {
    const parts = [part()];
    while (skip(isWord(word))) parts.push(part());
    return parts.length === 1 ? (parts[0] as Expression) : { kind: word, parts };
  }

  const any = (): Expression => joined('or', all);
  const all = (): Expression => joined('and', one);

  function one(): Expression {
    const { column } = peek();
    if (!isWord('not') && !isSign('(')) return term();
    depth += 1;
    if (depth > deepest) refuse(column, 'bad-query', `it nests deeper than ${deepest} levels.`);
    const isNot = take().kind === 'word';
    const inside = isNot ? one() : any();
    if (!isNot && !skip(isSign(')'))) expected('and, or or a closing bracket');
    depth -= 1;
    return isNot ? { kind: 'not', of: inside } : inside;
  }

  function term(): Term {
    if (peek().kind !== 'word' || isWord(...reserved)) expected('a field');
    const field = take();
    const written = peek();
    const [operator, values] = comparison(field);
    terms += Math.max(1, values.length);
    if (terms > mostTerms) refuse(written.column, 'bad-query', `it has more than ${mostTerms} terms.`);
    return { kind: 'term', field, operator, written, values };
  }

  function comparison(field: Token): [Operator, Token[]] {
    if (isSign(...signs)) return [take().text as Operator, [value()]];
    const word = peek().kind === 'word' && words.get(peek().text.toLowerCase());
    if (word) {
      at += 1;
      return [word as Operator, [value()]];
    }
    if (skip(isWord('is'))) {
      const isNot = skip(isWord('not'));
      if (!skip(isWord('empty'))) expected(isNot ? 'empty' : 'empty or not empty');
      return [isNot ? 'is not empty' : 'is empty', []];
    }
    const isNot = skip(isWord('not'));
    if (skip(isWord('in'))) return [isNot ? '!=' : '=', list()];
    return expected(isNot ? 'in' : `an operator (=, contains, in …) after "${field.text}"`);
  }

  function list(): Token[] {
    if (!skip(isSign('('))) expected('a list in brackets');
    const values = [value()];
    while (skip(isSign(','))) values.push(value());
    if (!skip(isSign(')'))) expected('a comma or a closing bracket');
    return values;
  }

  function value(): Token {
    if (isWord(...reserved)) expected('a value (one that is a word of the language in quotes)');
    if (peek().kind !== 'word' && peek().kind !== 'text') expected('a value');
    return take();
  }

  const whole = any();
  if (peek().kind !== 'end') expected('and, or or the end');
  return whole;
}
