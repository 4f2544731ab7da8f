import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Expression, parseQuery } from './parse.ts';
import { QueryRefusal } from './refusal.ts';

/** An expression as text with a bracket round everything, to see what binds to what. */
function shown(expression: Expression): string {
  if (expression.kind === 'not') return `!${shown(expression.of)}`;
  if (expression.kind !== 'term') {
    return `(${expression.parts.map(shown).join(expression.kind === 'and' ? ' & ' : ' | ')})`;
  }
  const { field, operator, values } = expression;
  return [field.text, operator, ...values.map(({ text }) => `[${text}]`)].join(' ');
}

describe('a query', () => {
  for (const [query, wanted] of [
    ['a = 1', 'a = [1]'],
    ['a=1', 'a = [1]'],
    ['a>=1', 'a >= [1]'],
    ['a = 1 or b = 2 and c = 3', '(a = [1] | (b = [2] & c = [3]))'],
    ['(a = 1 or b = 2) and c = 3', '((a = [1] | b = [2]) & c = [3])'],
    ['not a = 1 and b = 2', '(!a = [1] & b = [2])'],
    ['NOT (a = 1 AND not b = 2)', '!(a = [1] & !b = [2])'],
    ['a in (1, 2,3)', 'a = [1] [2] [3]'],
    ['a not in (1, 2)', 'a != [1] [2]'],
    ['a is empty or a IS NOT EMPTY', '(a is empty | a is not empty)'],
    ['cidr WITHIN 10.0.0.0/8', 'cidr within [10.0.0.0/8]'],
    ['cidr withininclude 2001:db8::/32', 'cidr withinInclude [2001:db8::/32]'],
    ['mac = 00-1A-2b:3c.4d5e', 'mac = [00-1A-2b:3c.4d5e]'],
    ['at > 2026-01-01T00:00:00+01:00', 'at > [2026-01-01T00:00:00+01:00]'],
    ['observation.lastSeen < 2026-01-01T00:00:00Z', 'observation.lastSeen < [2026-01-01T00:00:00Z]'],
    ['name = Büro', 'name = [Büro]'],
    ['name = "a \\"b\\" \\\\ c"', 'name = [a "b" \\ c]'],
    ["name = 'it\\'s'", "name = [it's]"],
    ['name = "it\'s"', "name = [it's]"],
    ['name contains "and (or)"', 'name contains [and (or)]'],
    ['name = ""', 'name = []'],
    ['contains contains contains', 'contains contains [contains]'],
  ] as const) {
    it(`${query} → ${wanted}`, () => assert.equal(shown(parseQuery(query)), wanted));
  }

  for (const [query, message] of [
    ['', 'q, column 1: the query ends here, where a field is expected.'],
    ['   ', 'q, column 4: the query ends here, where a field is expected.'],
    ['a', 'q, column 2: the query ends here, where an operator (=, contains, in …) after "a" is expected.'],
    ['a =', 'q, column 4: the query ends here, where a value is expected.'],
    ['a = and b = 1', /^q, column 5: found "and", where a value .*in quotes\) is expected\.$/],
    ['a like b', 'q, column 3: found "like", where an operator (=, contains, in …) after "a" is expected.'],
    ['a = 1 b = 2', 'q, column 7: found "b", where and, or or the end is expected.'],
    ['a = 1 and', 'q, column 10: the query ends here, where a field is expected.'],
    ['(a = 1', 'q, column 7: the query ends here, where and, or or a closing bracket is expected.'],
    ['a = 1)', 'q, column 6: found ")", where and, or or the end is expected.'],
    ['a in 1', 'q, column 6: found "1", where a list in brackets is expected.'],
    ['a in ()', 'q, column 7: found ")", where a value is expected.'],
    ['a in (1', 'q, column 8: the query ends here, where a comma or a closing bracket is expected.'],
    ['a is 1', 'q, column 6: found "1", where empty or not empty is expected.'],
    ['a is not 1', 'q, column 10: found "1", where empty is expected.'],
    ['a not 1', 'q, column 7: found "1", where in is expected.'],
    ['"a" = 1', 'q, column 1: found "a", where a field is expected.'],
    ['a = "b', /^q, column 5: this quote is never closed/],
    ['😀 = "b', /^q, column 5: this quote is never closed/],
    ['a ! b', 'q, column 3: "!" means nothing here; write != or not.'],
    [`${'('.repeat(51)}a = 1${')'.repeat(51)}`, 'q, column 51: it nests deeper than 50 levels.'],
    [`${'not '.repeat(51)}a = 1`, 'q, column 201: it nests deeper than 50 levels.'],
    [`a in (${'1,'.repeat(200)}1)`, 'q, column 3: it has more than 200 terms.'],
    [Array(201).fill('a=1').join(' or '), 'q, column 1402: it has more than 200 terms.'],
  ] as const) {
    it(`${query.slice(0, 20) || '(nothing)'} is refused`, () => {
      assert.throws(() => parseQuery(query), { code: 'bad-query', message });
    });
  }

  it('takes 200 terms and 50 levels', () => {
    parseQuery(`a in (${'1,'.repeat(199)}1)`);
    parseQuery(`${'('.repeat(50)}a = 1${')'.repeat(50)}`);
  });

  it('is read or refused, whatever it is', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'and',
        'or',
        'NOT',
        '(',
        ')',
        ',',
        '=',
        '!=',
        '>',
        'is',
        'empty',
        'in',
        'contains',
        '"',
        "'",
        '\\',
      ),
      fc.string({ maxLength: 5, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom(' ', ''), (pieces, gap) => {
        try {
          parseQuery(pieces.join(gap));
        } catch (fault) {
          assert.ok(fault instanceof QueryRefusal, String(fault));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps any text in quotes as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('"', "'"), (text, quote) => {
        const quoted = quote + text.replaceAll(/["'\\]/g, '\\$&') + quote;
        assert.deepEqual(shown(parseQuery(`a = ${quoted}`)), `a = [${text}]`);
      }),
    );
  });
});
