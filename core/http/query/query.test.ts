import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Seed, Shelf } from '../../testing/fixtures/shelf.ts';

const books: Seed[] = [
  {
    title: 'A',
    author: 'Austen',
    pages: 100,
    price: '9.50',
    labels: ['old', 'loved'],
    network: '10.0.0.0/8',
  },
  { title: 'B', author: "O'Brien; --", pages: 200, price: '10', lent: true, network: '10.1.0.0/16' },
  { title: 'C', genre: 'poetry', labels: ['loved'], host: '10.0.0.3' },
  { title: 'D', author: '', pages: 200, labels: ['new'], network: '10.1.2.0/24', host: '2001:db8::1' },
  { title: 'E', author: 'aus_ten', pages: -0, price: '10.00', lent: true },
].map((book) => ({ ...book, pages: book.pages || null }));

const inQuery = (q: string) => `q=${encodeURIComponent(q)}`;

describe('the query language of a list', () => {
  let shelf: Shelf;
  before(async () => {
    shelf = await Shelf.open();
    await shelf.fill(books);
  });
  after(() => shelf.close());

  for (const [query, wanted] of [
    ['title = B', 'B'],
    ['TITLE = B', 'B'],
    ['title in (A, "C")', 'AC'],
    ['title not in (A, C)', 'BDE'],
    ['author contains AUS', 'AE'],
    ['author contains "_"', 'E'],
    ['author != Austen', 'BCDE'],
    ['not author = Austen', 'BCDE'],
    ['not not author = Austen', 'A'],
    ['author is empty', 'CD'],
    ['author is not empty', 'ABE'],
    ['pages > 100', 'BD'],
    ['not pages > 100', 'ACE'],
    ['pages > 99 and pages < 200', 'A'],
    ['price = 10.0', 'BE'],
    ['price <= 9.5 or lent = true and title != E', 'AB'],
    ['lent != true', 'ACD'],
    ['lent in (true, false)', 'ABCDE'],
    ['label = loved', 'AC'],
    ['label != loved', 'BDE'],
    ['label = loved and label = old', 'A'],
    ['label not in (loved, new)', 'BE'],
    ['label is empty', 'BE'],
    ['genre = poetry', 'C'],
    ['network within 10.0.0.0/8', 'BD'],
    ['network withinInclude 10.0.0.0/8 and not network within 10.1.0.0/16', 'AB'],
    ['network contains 10.1.2.3', 'ABD'],
    ['network contains 10.1.0.0/16', 'AB'],
    ['prefixLength >= 16 and family = 4', 'BD'],
    ['host > 10.0.0.3', 'D'],
    ['network is empty', 'CE'],
    ["author = 'O\\'Brien; --'", 'B'],
    [`title = "x' OR true --"`, ''],
    ['shelf = nowhere', ''],
    ['shelf != nowhere', 'ABCDE'],
  ] as const) {
    it(`${query} → ${wanted || 'nothing'}`, async () =>
      assert.equal(await shelf.titles(inQuery(query)), wanted));
  }

  it('goes with filters, sorting, pages and counting', async () => {
    const query = `${inQuery('pages > 1 or lent = true')}&lent=true&sort=-title&limit=1&count=exact`;
    const first = await shelf.page(query);
    assert.deepEqual([first.items.map(({ title }) => title), first.total], [['E'], 2]);
    assert.equal(await shelf.titles(`${query}&cursor=${first.nextCursor}`), 'B');
  });

  for (const [query, code, message] of [
    ['titel = B', 'unknown-field', 'q, column 1: there is no field "titel"; did you mean "title"?'],
    [
      'title = B and\n wrong = 1',
      'unknown-field',
      /^q, column 16: there is no field "wrong"; there are id, title,/,
    ],
    ['within = 10.0.0.0/8', 'unknown-field', /there is no field "within"/],
    ['__proto__ = 1', 'unknown-field', /there is no field "__proto__"/],
    ['constructor = 1', 'unknown-field', /there is no field "constructor"/],
    ['lent > true', 'bad-operator', 'q, column 6: "lent" does not take ">"; it takes =, !=, in.'],
    [
      'host within 10.0.0.0/8',
      'bad-operator',
      /^q, column 6: "host" does not take "within"; it takes =, !=, in, >/,
    ],
    ['pages > many', 'bad-value', 'q, column 9: "many" is not possible here: It must be an integer'],
    ['pages in (1, 0x10)', 'bad-value', /^q, column 14: "0x10" is not possible here/],
    ['genre = crime', 'bad-value', /^q, column 9: "crime" .*takes novel, poetry/],
    ['network within 10.0.0.5', 'bad-value', /^q, column 16/],
    ['title =', 'bad-query', /^q, column 8/],
    [`title = ${'x'.repeat(2000)}`, 'too-big', /2000/],
  ] as const) {
    it(`refuses ${query.slice(0, 30)}`, async () => {
      const { status, errors } = await shelf.refusal(inQuery(query));
      assert.deepEqual([status, errors.length, errors[0]?.path, errors[0]?.code], [422, 1, 'query.q', code]);
      if (typeof message === 'string') assert.equal(errors[0]?.message, message);
      else assert.match(errors[0]?.message ?? '', message);
    });
  }

  it('tells a fault of the query together with all others', async () => {
    const { errors } = await shelf.refusal(`${inQuery('title =')}&limit=0`);
    assert.deepEqual(
      errors.map(({ path }) => path),
      ['query.limit', 'query.q'],
    );
  });

  it('finds what a person would who reads the query', async () => {
    type Check = { text: string; holds: (book: Seed) => boolean };
    const term: fc.Arbitrary<Check> = fc.oneof(
      fc
        .constantFrom('A', 'B', 'x')
        .map((v) => ({ text: `title = ${v}`, holds: (b: Seed) => b.title === v })),
      fc.constantFrom('A', 'B').map((v) => ({ text: `title != "${v}"`, holds: (b: Seed) => b.title !== v })),
      fc.constantFrom('aus', '_', 'z').map((v) => ({
        text: `author contains ${v}`,
        holds: (b: Seed) => (b.author ?? '').toLowerCase().includes(v),
      })),
      fc.constantFrom(100, 150, 200).map((v) => ({
        text: `pages > ${v}`,
        holds: (b: Seed) => b.pages !== null && Number(b.pages) > v,
      })),
      fc.constantFrom(100, 200).map((v) => ({ text: `pages != ${v}`, holds: (b: Seed) => b.pages !== v })),
      fc.constantFrom('loved', 'new').map((v) => ({
        text: `label != ${v}`,
        holds: (b: Seed) => !b.labels?.includes(v),
      })),
      fc.constantFrom('loved', 'new').map((v) => ({
        text: `label in (${v}, old)`,
        holds: (b: Seed) => Boolean(b.labels?.some((label) => label === v || label === 'old')),
      })),
      fc.constant({ text: 'author is empty', holds: (b: Seed) => !b.author }),
      fc.constant({ text: 'lent = true', holds: (b: Seed) => b.lent === true }),
    );
    const { expression } = fc.letrec<{ expression: Check }>((tie) => ({
      expression: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        term,
        tie('expression').map(({ text, holds }) => ({
          text: `not (${text})`,
          holds: (b: Seed) => !holds(b),
        })),
        fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => ({
          text: `(${a.text}) and (${b.text})`,
          holds: (book: Seed) => a.holds(book) && b.holds(book),
        })),
        fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => ({
          text: `(${a.text} or ${b.text})`,
          holds: (book: Seed) => a.holds(book) || b.holds(book),
        })),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(expression, async ({ text, holds }) => {
        const wanted = books.filter(holds).map(({ title }) => title);
        assert.equal(await shelf.titles(inQuery(text)), wanted.join(''));
      }),
      { numRuns: 200 },
    );
  });

  it('answers or refuses, whatever it is asked', async () => {
    const word = fc.constantFrom(
      'title',
      'pages',
      'label',
      'network',
      'host',
      'readAt',
      'shelf',
      'lent',
      'price',
      'family',
      '=',
      '!=',
      '>',
      '<=',
      'contains',
      'within',
      'in',
      'is',
      'not',
      'empty',
      'and',
      'or',
      '(',
      ')',
      ',',
      '1',
      '10.0.0.0/8',
      '::1',
      'true',
      '2026-01-01T00:00:00Z',
      '0001-01-01T00:00:00Z',
      '9007199254740991',
      '-1',
      '"\'"',
      "';--",
      '$1',
      '"%_\\\\"',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.string() }), {
          maxLength: 12,
        }),
        async (words) => {
          await shelf
            .page(inQuery(words.join(' ').toWellFormed().replaceAll('\0', '')))
            .catch((fault) => assert.equal(fault.status, 422, String(fault.stack)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
