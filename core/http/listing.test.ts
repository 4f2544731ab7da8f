import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Database, openDatabase } from '../db/database.ts';
import { books } from '../testing/fixtures/book-list.ts';
import { books as plugin } from '../testing/fixtures/books.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { encodeCursor } from './cursor.ts';
import { Faults } from './validate.ts';

const source = { owner: 'books', folder: plugin.definition.migrations as URL };

interface Seed {
  title: string;
  author?: string | null;
  genre?: string;
  pages?: number | null;
  price?: string | null;
  lent?: boolean;
  host?: string | null;
  network?: string | null;
  read_at?: string | null;
  shelf_id?: number | null;
}

describe('a list', () => {
  let database: TestDatabase;
  let db: Database;

  before(async () => {
    database = await testDatabase([source]);
    db = openDatabase({ url: database.url });
  });
  after(async () => {
    await db.close();
    await database.drop();
  });

  async function fill(rows: readonly Seed[]): Promise<void> {
    await db.query('TRUNCATE book RESTART IDENTITY');
    await db.query(
      `INSERT INTO book (title, author, genre, pages, price, lent, host, network, read_at, shelf_id)
       SELECT title, author, coalesce(genre, 'novel'), pages, price, coalesce(lent, false), host, network, read_at, shelf_id
       FROM jsonb_to_recordset($1::jsonb) AS r(title text, author text, genre text, pages int, price numeric, lent boolean,
         host inet, network cidr, read_at timestamptz, shelf_id bigint)`,
      [JSON.stringify(rows)],
    );
  }

  /** Parses a query string as a route would, then fetches the page. */
  async function page(queryString: string) {
    const given: Record<string, string | string[]> = {};
    const search = new URLSearchParams(queryString);
    for (const name of search.keys()) {
      const values = search.getAll(name);
      given[name] = values.length === 1 ? (values[0] as string) : values;
    }
    const faults = new Faults();
    const query = faults.check('query', books.query, given);
    const problem = faults.problem();
    if (problem) throw problem;
    return books.run(db.query, query as Record<string, unknown>);
  }

  const titles = async (queryString: string) => (await page(queryString)).items.map(({ title }) => title).join('');

  async function refusal(queryString: string) {
    try {
      await page(queryString);
    } catch (fault) {
      return fault as { status: number; errors: { path: string; code: string; message: string }[] };
    }
    return assert.fail(`${queryString} was not refused`);
  }

  describe('filters', () => {
    before(async () => {
      await db.query("INSERT INTO shelf (name) VALUES ('top'), ('low')");
      await fill([
        {
          title: 'A',
          author: 'Austen',
          pages: 100,
          price: '9.50',
          host: '10.0.0.1',
          network: '10.0.0.0/8',
          read_at: '2026-01-01T00:00:00Z',
          shelf_id: 1,
        },
        {
          title: 'B',
          author: 'Brontë 100% _x\\y',
          genre: 'poetry',
          pages: 200,
          price: '10',
          lent: true,
          host: '10.0.0.2',
          network: '10.1.0.0/16',
          read_at: '2026-02-01T00:00:00Z',
          shelf_id: 2,
        },
        { title: 'C', author: null, network: '2001:db8::/32', host: '::1.2.3.4' },
        { title: 'D', author: '', pages: 200, network: '10.1.2.0/24', shelf_id: 1 },
      ]);
    });

    for (const [query, expected] of [
      ['', 'ABCD'],
      ['title=B', 'B'],
      ['title=B&title=D', 'BD'],
      ['title__ne=B', 'ACD'],
      ['title__ne=B&title__ne=C', 'AD'],
      ['author__ne=Austen', 'BCD'],
      ['author__contains=AUS', 'A'],
      ['author__contains=aus&author__contains=ront', 'AB'],
      ['author__contains=%25', 'B'],
      ['author__contains=_', 'B'],
      ['author__contains=\\', 'B'],
      ['author__contains=0%25 _x\\y', 'B'],
      ['author__empty=true', 'CD'],
      ['author__empty=false', 'AB'],
      ['genre=poetry', 'B'],
      ['genre=poetry&genre=novel', 'ABCD'],
      ['genre__ne=poetry', 'ACD'],
      ['id=1&id=3', 'AC'],
      ['pages=200', 'BD'],
      ['pages__ne=200', 'AC'],
      ['pages__gte=101', 'BD'],
      ['pages__lte=100', 'A'],
      ['pages__gte=100&pages__lte=100', 'A'],
      ['pages__empty=true', 'C'],
      ['pages__empty=0', 'ABD'],
      ['price=9.5', 'A'],
      ['price__gte=9.75', 'B'],
      ['price__lte=9.75', 'A'],
      ['price__ne=10', 'ACD'],
      ['price__empty=false', 'AB'],
      ['lent=true', 'B'],
      ['lent=false', 'ACD'],
      ['readAt=2026-01-01T01:00:00%2B01:00', 'A'],
      ['readAt__gte=2026-01-15T00:00:00Z', 'B'],
      ['readAt__lte=2026-01-15T00:00:00Z', 'A'],
      ['readAt__ne=2026-01-01T00:00:00Z', 'BCD'],
      ['readAt__empty=true', 'CD'],
      ['shelf=1', 'AD'],
      ['shelf=low', 'B'],
      ['shelf=low&shelf=1', 'ABD'],
      ['shelf=nowhere', ''],
      ['host=10.0.0.2', 'B'],
      ['host__ne=10.0.0.2', 'ACD'],
      ['host__gte=10.0.0.2', 'BC'],
      ['host__lte=10.0.0.1', 'A'],
      ['network=10.1.0.0/16', 'B'],
      ['within=10.1.0.0/16', 'D'],
      ['withinInclude=10.1.0.0/16', 'BD'],
      ['withinInclude=10.1.2.0/24&withinInclude=2001:db8::/32', 'CD'],
      ['contains=10.1.2.3', 'ABD'],
      ['contains=10.1.0.0/16', 'AB'],
      ['family=6', 'C'],
      ['family=4&family=6', 'ABCD'],
      ['prefixLength=16', 'B'],
      ['prefixLength=16&prefixLength=24', 'BD'],
      ['prefixLength__gte=24', 'CD'],
      ['prefixLength__lte=16', 'AB'],
      ['pages=200&genre=novel', 'D'],
    ] as const) {
      it(`${query || '(none)'} → ${expected || 'nothing'}`, async () => {
        assert.equal(await titles(query), expected);
      });
    }

    for (const [query, path, message] of [
      ['titel=x', 'query.titel', /did you mean "title"\?/],
      ['page=7', 'query.page', /did you mean "pages"/],
      ['pages__contains=7', 'query.pages__contains', /is not known here/],
      ['pages__gte=', 'query.pages__gte', /It must be an integer/],
      ['pages__gte=0x10', 'query.pages__gte', /It must be an integer/],
      ['pages=1&pages=two', 'query.pages.1', /It must be an integer/],
      ['pages=9007199254740993', 'query.pages', /Too big/],
      ['price=1e400', 'query.price', /It must be a number/],
      ['readAt=yesterday', 'query.readAt', /Invalid ISO datetime/],
      ['genre=crime', 'query.genre', /"novel"\|"poetry"/],
      ['lent=perhaps', 'query.lent', /./],
      ['family=5', 'query.family', /"4"\|"6"/],
      ['prefixLength=129', 'query.prefixLength', /Too big/],
      ['within=10.0.0.0', 'query.within', /./],
      ['limit=0', 'query.limit', /Too small/],
      ['limit=1001', 'query.limit', /Too big/],
      ['limit=', 'query.limit', /It must be an integer/],
      ['limit=1&limit=2', 'query.limit', /received array/],
      ['count=all', 'query.count', /"none"\|"estimate"\|"exact"/],
      ['sort=titel', 'query.sort', /did you mean title/],
      ['sort=title,pages', 'query.sort', /is not possible here/],
      ['fields=id,titel', 'query.fields', /"titel".*did you mean title/],
    ] as const) {
      it(`${query} is refused`, async () => {
        const { status, errors } = await refusal(query);
        assert.equal(status, 422);
        assert.equal(errors.length, 1, JSON.stringify(errors));
        assert.equal(errors[0]?.path, path);
        assert.match(errors[0]?.message ?? '', message);
      });
    }

    it('shows wire types: numbers, exact decimals, ISO times, canonical addresses', async () => {
      const [first] = (await page('title=A')).items;
      assert.deepEqual(first, {
        id: 1,
        title: 'A',
        author: 'Austen',
        genre: 'novel',
        pages: 100,
        price: '9.50',
        lent: false,
        host: '10.0.0.1',
        network: '10.0.0.0/8',
        readAt: '2026-01-01T00:00:00Z',
        shelfId: 1,
      });
    });

    it('shows only the fields that were asked for', async () => {
      const { items } = await page('fields=title,pages&title=D');
      assert.deepEqual(items, [{ title: 'D', pages: 200 }]);
    });

    it('counts when asked to: all, matches, or by the planner', async () => {
      assert.equal((await page('pages=200')).total, null);
      assert.equal((await page('pages=200&count=none')).total, null);
      assert.equal((await page('count=exact&limit=1')).total, 4);
      assert.equal((await page('pages=200&count=exact&limit=1')).total, 2);
      await db.query('ANALYZE book');
      assert.equal((await page('count=estimate')).total, 4);
      const { total } = await page('pages=200&count=estimate');
      assert.ok(total !== null && total >= 1 && total <= 4, String(total));
    });

    it('estimates a table that was never analysed', async () => {
      await db.query("UPDATE pg_class SET reltuples = -1 WHERE oid = 'book'::regclass");
      const { total } = await page('count=estimate');
      assert.ok(total !== null && total > 0);
    });

    it('takes a condition of the route itself, whatever the filters bind', async () => {
      const { items, total } = await books.run(
        db.query,
        { 'pages__gte': 100, count: 'exact' },
        (bindings) => `b.shelf_id = ${bindings.bind(1, 'bigint')}`,
      );
      assert.deepEqual([items.map(({ title }) => title), total], [['A', 'D'], 2]);
    });
  });

  describe('paging', () => {
    const sorts = ['id', 'title', 'author', 'pages', 'price', 'host', 'network', 'readAt'];
    const orMissing = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 2 });
    // Few distinct values, so that ties are common.
    const row = fc.record({
      author: orMissing(fc.constantFrom('a', 'B', 'é', 'a b', '')),
      pages: orMissing(fc.integer({ min: 1, max: 3 })),
      price: orMissing(fc.constantFrom('1', '1.0', '1.00000000000000000001', '20')),
      host: orMissing(fc.constantFrom('10.0.0.1', '10.0.0.10', '::1', '::1.2.3.4')),
      network: orMissing(fc.constantFrom('10.0.0.0/8', '10.0.0.0/9', '::/96', '2001:db8::/32')),
      read_at: orMissing(
        fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000001Z', '1999-12-31T23:59:59+02:00'),
      ),
    });

    async function walk(sort: string, limit: number): Promise<number[]> {
      const seen: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const next: Awaited<ReturnType<typeof page>> = await page(
          `fields=id&sort=${sort}&limit=${limit}${cursor && `&cursor=${cursor}`}`,
        );
        seen.push(...next.items.map(({ id }) => id));
        assert.ok(seen.length <= 100, 'it never ends');
        cursor = next.nextCursor;
      }
      return seen;
    }

    it('visits each row exactly once, in one order, whatever the sort, the ties and the gaps', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { maxLength: 12 }),
          fc.constantFrom(...sorts.flatMap((name) => [name, `-${name}`])),
          fc.integer({ min: 1, max: 5 }),
          async (rows, sort, limit) => {
            await fill(rows.map((each, at) => ({ ...each, title: `${(at * 7) % 12}` })));
            const whole = (await page(`fields=id&sort=${sort}&limit=1000`)).items.map(({ id }) => id);
            assert.equal(whole.length, rows.length);
            assert.deepEqual(await walk(sort, limit), whole);
          },
        ),
        { numRuns: 120 },
      );
    });

    it('puts what has no value last, whichever way it sorts', async () => {
      await fill([{ title: 'x', pages: null }, { title: 'y', pages: 1 }, { title: 'z', pages: 2 }]);
      assert.equal(await titles('sort=pages'), 'yzx');
      assert.equal(await titles('sort=-pages'), 'zyx');
    });

    it('neither repeats nor loses a row that others add or remove meanwhile', async () => {
      await fill(['b', 'd', 'f', 'h'].map((title) => ({ title })));
      const first = await page('limit=2');
      await db.query("INSERT INTO book (title) VALUES ('a'), ('e')");
      await db.query("DELETE FROM book WHERE title = 'd'");
      assert.equal(await titles(`limit=9&cursor=${first.nextCursor}`), 'efh');
    });

    it('ends with no cursor, even where the last page is full', async () => {
      await fill([{ title: 'a' }, { title: 'b' }]);
      assert.equal((await page('limit=2')).nextCursor, null);
    });

    it('refuses a cursor that is not one of this list and sort', async () => {
      await fill(['a', 'b', 'c'].map((title) => ({ title })));
      const { nextCursor } = await page('limit=1&sort=title');
      const crafted = (sort: string, value: string | null, id: string) =>
        `sort=${sort}&cursor=${encodeCursor(sort, { value, id })}`;
      for (const query of [
        `sort=-title&cursor=${nextCursor}`,
        'cursor=nonsense',
        'cursor=',
        `cursor=${Buffer.from('{"a":1}').toString('base64url')}`,
        crafted('pages', 'many', '1'),
        crafted('title', 'a', 'one'),
        crafted('title', 'a\0', '1'),
        crafted('title', 'a', '99999999999999999999'),
      ]) {
        const { status, errors } = await refusal(query);
        assert.deepEqual([status, errors[0]?.path, errors[0]?.code], [422, 'query.cursor', 'bad-cursor'], query);
      }
    });
  });
});
