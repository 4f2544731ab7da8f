import assert from 'node:assert/strict';
import fc from 'fast-check';
import { books } from '../testing/fixtures/book-list.ts';
import { Shelf } from '../testing/fixtures/shelf.ts';
import { encodeCursor } from './cursor.ts';

describe('the total of a list', () => {
  let shelf: Shelf;
  before(async () => {
    shelf = await Shelf.open();
    await shelf.db.query("INSERT INTO shelf (name) VALUES ('top')");
    await shelf.fill([
      { title: 'A', pages: 100, shelf_id: 1 },
      { title: 'B', pages: 200 },
      { title: 'C' },
      { title: 'D', pages: 200, shelf_id: 1 },
    ]);
  });
  after(() => shelf.close());

  it('counts when asked to: all, matches, or by the planner', async () => {
    assert.equal((await shelf.page('pages=200')).total, null);
    assert.equal((await shelf.page('pages=200&count=none')).total, null);
    assert.equal((await shelf.page('count=exact&limit=1')).total, 4);
    assert.equal((await shelf.page('pages=200&count=exact&limit=1')).total, 2);
    await shelf.db.query('ANALYZE book');
    assert.equal((await shelf.page('count=estimate')).total, 4);
    const { total } = await shelf.page('pages=200&count=estimate');
    assert.ok(total !== null && total >= 1 && total <= 4, String(total));
  });

  it('estimates a table that was never analysed', async () => {
    await shelf.db.query("UPDATE pg_class SET reltuples = -1 WHERE oid = 'book'::regclass");
    const { total } = await shelf.page('count=estimate');
    assert.ok(total !== null && total > 0);
  });

  it('takes a condition of the route itself, whatever the filters bind', async () => {
    const { items, total } = await books.run(
      shelf.db.query,
      { pages__gte: 100, count: 'exact' },
      (bindings) => `b.shelf_id = ${bindings.bind(1, 'bigint')}`,
    );
    assert.deepEqual([items.map(({ title }) => title), total], [['A', 'D'], 2]);
  });
});

describe('the pages of a list', () => {
  let shelf: Shelf;
  before(async () => {
    shelf = await Shelf.open();
  });
  after(() => shelf.close());

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
      const next: Awaited<ReturnType<typeof shelf.page>> = await shelf.page(
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
          await shelf.fill(rows.map((each, at) => ({ ...each, title: `${(at * 7) % 12}` })));
          const whole = (await shelf.page(`fields=id&sort=${sort}&limit=1000`)).items.map(({ id }) => id);
          assert.equal(whole.length, rows.length);
          assert.deepEqual(await walk(sort, limit), whole);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('puts what has no value last, whichever way it sorts', async () => {
    await shelf.fill([
      { title: 'x', pages: null },
      { title: 'y', pages: 1 },
      { title: 'z', pages: 2 },
    ]);
    assert.equal(await shelf.titles('sort=pages'), 'yzx');
    assert.equal(await shelf.titles('sort=-pages'), 'zyx');
  });

  it('neither repeats nor loses a row that others add or remove meanwhile', async () => {
    await shelf.fill(['b', 'd', 'f', 'h'].map((title) => ({ title })));
    const first = await shelf.page('limit=2');
    await shelf.db.query("INSERT INTO book (title) VALUES ('a'), ('e')");
    await shelf.db.query("DELETE FROM book WHERE title = 'd'");
    assert.equal(await shelf.titles(`limit=9&cursor=${first.nextCursor}`), 'efh');
  });

  it('goes on behind an item that the route itself names', async () => {
    await shelf.fill(['a', 'b', 'c'].map((title) => ({ title })));
    assert.equal(await shelf.titles(`cursor=${books.cursorAfter('a', 1)}`), 'bc');
  });

  it('ends with no cursor, even where the last page is full', async () => {
    await shelf.fill([{ title: 'a' }, { title: 'b' }]);
    assert.equal((await shelf.page('limit=2')).nextCursor, null);
  });

  it('refuses a cursor that is not one of this list and sort', async () => {
    await shelf.fill(['a', 'b', 'c'].map((title) => ({ title })));
    const { nextCursor } = await shelf.page('limit=1&sort=title');
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
      const { status, errors } = await shelf.refusal(query);
      assert.deepEqual(
        [status, errors[0]?.path, errors[0]?.code],
        [422, 'query.cursor', 'bad-cursor'],
        query,
      );
    }
  });
});
