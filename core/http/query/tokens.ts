import { refuse } from './refusal.ts';

/** A piece of a query and the column where it begins, counted in characters from 1. */
export interface Token {
  /** A bare word, a text in quotes, an operator or bracket, or the end of the query. */
  kind: 'word' | 'text' | 'sign' | 'end';
  text: string;
  column: number;
}

const patterns = {
  space: /\s+/uy,
  sign: /[<>!]=|[=<>(),]/uy,
  // Whatever is no sign, so that CIDRs, addresses, MACs, times, numbers and names in any script need no quotes.
  word: /[^\s=<>!(),"']+/uy,
  text: /(["'])(?<inside>(?:\\.|(?!\1)[^\\])*)\1/suy,
};

/** Takes a query apart; the last token is its end. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let column = 1;
  while (at < query.length) {
    const [kind, found] = next(query, at) ?? refuseCharacter(query, at, column);
    const text = kind === 'text' ? found.groups?.inside?.replaceAll(/\\(.)/gsu, '$1') : found[0];
    if (kind !== 'space') tokens.push({ kind, text: text ?? '', column });
    at += found[0].length;
    column += [...found[0]].length;
  }
  tokens.push({ kind: 'end', text: '', column });
  return tokens;
}

function next(query: string, at: number): [keyof typeof patterns, RegExpExecArray] | undefined {
  for (const [kind, pattern] of Object.entries(patterns)) {
    pattern.lastIndex = at;
    const found = pattern.exec(query);
    if (found) return [kind as keyof typeof patterns, found];
  }
  return undefined;
}

/** What fits no pattern: a quote that nothing closes, or a `!` alone. */
function refuseCharacter(query: string, at: number, column: number): never {
  return query[at] === '!'
    ? refuse(column, 'bad-query', '"!" means nothing here; write != or not.')
    : refuse(column, 'bad-query', 'this quote is never closed; put \\ before a quote that is meant as such.');
}
