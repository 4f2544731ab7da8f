import assert from 'node:assert/strict';
import { Shelf } from '../testing/fixtures/shelf.ts';

describe('the filters of a list', () => {
  let shelf: Shelf;
  before(async () => {
    shelf = await Shelf.open();
    await shelf.db.query("INSERT INTO shelf (name) VALUES ('top'), ('low')");
    await shelf.fill([
      {
        title: 'A',
        author: 'Austen',
        pages: 100,
        price: '9.50',
        host: '10.0.0.1',
        network: '10.0.0.0/8',
        read_at: '2026-01-01T00:00:00Z',
        shelf_id: 1,
        labels: ['old', 'loved'],
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
      { title: 'D', author: '', pages: 200, network: '10.1.2.0/24', shelf_id: 1, labels: ['new'] },
    ]);
  });
  after(() => shelf.close());

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
    ['pages__gt=100', 'BD'],
    ['pages__lt=200', 'A'],
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
    ['lent=false&lent=true', 'ABCD'],
    ['readAt=2026-01-01T01:00:00%2B01:00', 'A'],
    ['readAt__gte=2026-01-15T00:00:00Z', 'B'],
    ['readAt__lte=2026-01-15T00:00:00Z', 'A'],
    ['readAt__ne=2026-01-01T00:00:00Z', 'BCD'],
    ['readAt__empty=true', 'CD'],
    ['shelf=1', 'AD'],
    ['shelf=low', 'B'],
    ['shelf=low&shelf=1', 'ABD'],
    ['shelf=nowhere', ''],
    ['shelf__empty=true', 'C'],
    ['label=loved', 'A'],
    ['label=loved&label=new', 'AD'],
    ['label=lo', ''],
    ['label__ne=loved', 'BCD'],
    ['label__ne=loved&label__ne=new', 'BC'],
    ['label__empty=true', 'BC'],
    ['label__empty=false', 'AD'],
    ['host=10.0.0.2', 'B'],
    ['host__ne=10.0.0.2', 'ACD'],
    ['host__gte=10.0.0.2', 'BC'],
    ['host__gt=10.0.0.2', 'C'],
    ['host__empty=true', 'D'],
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
    ['prefixLength__gt=24', 'C'],
    ['prefixLength__lte=16', 'AB'],
    ['pages=200&genre=novel', 'D'],
  ] as const) {
    it(`${query || '(none)'} → ${expected || 'nothing'}`, async () => {
      assert.equal(await shelf.titles(query), expected);
    });
  }

  for (const [query, path, message] of [
    ['titel=x', 'query.titel', /did you mean "title"\?/],
    ['page=7', 'query.page', /did you mean "pages"/],
    ['pages__contains=7', 'query.pages__contains', /is not known here/],
    ['pages__gte=', 'query.pages__gte', /It must be an integer/],
    ['pages__gte=0x10', 'query.pages__gte', /It must be an integer/],
    ['pages=1&pages=two', 'query.pages.1', /It must be an integer/],
    ['pages=9007199254740993', 'query.pages', /at most/],
    ['price=1e400', 'query.price', /It must be a number/],
    ['readAt=yesterday', 'query.readAt', /a moment with its time zone/],
    ['genre=crime', 'query.genre', /takes novel, poetry/],
    ['lent=perhaps', 'query.lent', /./],
    ['family=5', 'query.family', /takes 4, 6/],
    ['prefixLength=129', 'query.prefixLength', /at most/],
    ['within=10.0.0.0', 'query.within', /./],
    ['limit=0', 'query.limit', /at least/],
    ['limit=1001', 'query.limit', /at most/],
    ['limit=', 'query.limit', /It must be an integer/],
    ['limit=1&limit=2', 'query.limit', /not a list/],
    ['count=all', 'query.count', /takes none, estimate, exact/],
    ['sort=titel', 'query.sort', /did you mean title/],
    ['sort=title,pages', 'query.sort', /is not possible here/],
    ['fields=id,titel', 'query.fields', /"titel".*did you mean title/],
  ] as const) {
    it(`${query} is refused`, async () => {
      const { status, errors } = await shelf.refusal(query);
      assert.equal(status, 422);
      assert.equal(errors.length, 1, JSON.stringify(errors));
      assert.equal(errors[0]?.path, path);
      assert.match(errors[0]?.message ?? '', message);
    });
  }

  it('shows wire types: numbers, exact decimals, ISO times, canonical addresses', async () => {
    const [first] = (await shelf.page('title=A')).items;
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
    const { items } = await shelf.page('fields=title,pages&title=D');
    assert.deepEqual(items, [{ title: 'D', pages: 200 }]);
  });
});
