import assert from 'node:assert/strict';
import { z } from 'zod';
import { named, type RunQuery } from '../db/database.ts';
import { definePlugin } from '../plugin/define.ts';
import { books as bookList } from '../testing/fixtures/book-list.ts';
import { books } from '../testing/fixtures/books.ts';
import { Shelf } from '../testing/fixtures/shelf.ts';
import { startTestRegister, type TestRegister } from '../testing/register.ts';
import { numberFilters } from './filters.ts';
import { includeById, listExtensions } from './include.ts';

describe('what a list includes', () => {
  let shelf: Shelf;
  before(async () => {
    shelf = await Shelf.open();
    await shelf.db.query("INSERT INTO shelf (name) VALUES ('top'), ('low')");
    await shelf.fill([
      { title: 'A', shelf_id: 2 },
      { title: 'B' },
      { title: 'C', shelf_id: 2 },
      { title: 'D', shelf_id: 1 },
    ]);
  });
  after(() => shelf.close());

  it('comes with each item, null where there is none', async () => {
    const { items } = await shelf.page('include=shelf');
    assert.deepEqual(
      items.map((item) => (item as { shelf?: unknown }).shelf),
      [{ id: 2, name: 'low' }, null, { id: 2, name: 'low' }, { id: 1, name: 'top' }],
    );
    assert.equal(items[0]?.title, 'A');
  });

  it('comes beside the fields that were chosen', async () => {
    const { items } = await shelf.page('include=shelf&fields=title&title=D');
    assert.deepEqual(items, [{ title: 'D', shelf: { id: 1, name: 'top' } }]);
  });

  it('costs one statement for a page, and none where nothing is referred to', async () => {
    let statements = 0;
    const counted: RunQuery = (...call) => {
      statements += 1;
      return shelf.db.query(...call);
    };
    for (const [parameters, wanted] of [
      [{}, 1],
      [{ include: ['shelf'] }, 2],
      [{ include: ['shelf'], title: 'B' }, 1],
      [{ include: ['shelf'], title: 'nothing' }, 1],
    ] as const) {
      statements = 0;
      await bookList.run(counted, parameters);
      assert.equal(statements, wanted, JSON.stringify(parameters));
    }
  });

  it('is refused where the list has no such thing, naming what was meant', async () => {
    const { status, errors } = await shelf.refusal('include=shelf,shelve,x');
    assert.equal(status, 422);
    assert.deepEqual(
      errors.map(({ path, message }) => [path, message]),
      [
        ['query.include', '"shelve" is not possible here; did you mean shelf?'],
        ['query.include', '"x" is not possible here; it takes shelf.'],
      ],
    );
  });
});

/** A plugin that knows how often the books of another were lent. */
const loans = definePlugin({
  name: 'loans',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Counts loans.',
  requires: [books],
  setup(ctx) {
    ctx.extend(listExtensions, {
      list: bookList,
      includes: {
        loans: includeById(
          'id',
          z.object({ id: z.int(), times: z.int() }),
          named('loans_by_book', 'SELECT id, times_read AS times FROM book WHERE id = ANY ($1::bigint[])'),
        ),
      },
      filters: numberFilters('loans.times', 'b.times_read'),
    });
  },
});

const rival = (extension: object) =>
  definePlugin({
    name: 'rival',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Wants the same name.',
    requires: [books, loans],
    setup: (ctx) => ctx.extend(listExtensions, { list: bookList, ...extension }),
  });

describe('what a plugin adds to the list of another', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books, loans]);
    for (const title of ['A', 'B']) await register.as('engineer').post('/books', { title });
    await register.db.query("UPDATE book SET times_read = 7 WHERE title = 'B'");
  });
  after(() => register.stop());

  const get = (path: string) => register.as('viewer').get(path);

  it('is included, filtered by and asked about', async () => {
    const wanted = [{ title: 'B', loans: { id: 2, times: 7 } }];
    for (const query of ['loans.times__gt=1', 'q=loans.times>1']) {
      const { status, body } = await get(`/books?include=loans&fields=title&${query}`);
      assert.deepEqual([status, body.items], [200, wanted], query);
    }
    assert.match((await get('/books?include=loan')).body.errors[0].message, /did you mean loans\?/);
    assert.match((await get('/books?q=loans.time>1')).body.errors[0].message, /did you mean "loans.times"\?/);
  });

  it('stands in the API docs', async () => {
    const { paths } = (await (await fetch(`${register.url}/api/openapi.json`)).json()) as {
      paths: Record<string, { get: { parameters: { name: string }[] } }>;
    };
    const text = JSON.stringify(paths['/books']?.get);
    assert.match(text, /"loans"/);
    assert.match(text, /separated by commas: shelf, loans\./);
    assert.match(text, /"loans.times__gt"/);
  });

  it('is not there where the plugin is not', async () => {
    const bare = await startTestRegister([books]);
    try {
      const { status } = await bare.as('viewer').get('/books?include=loans');
      assert.equal(status, 422);
    } finally {
      await bare.stop();
    }
  });

  for (const [what, extension] of [
    ['include of the list itself', { includes: { shelf: { schema: z.null(), load: async () => [] } } }],
    ['include of another plugin', { includes: { loans: { schema: z.null(), load: async () => [] } } }],
    ['filter of the list itself', { filters: numberFilters('pages', 'b.pages') }],
    ['filter of another plugin', { filters: numberFilters('loans.times', 'b.pages') }],
  ] as const) {
    it(`may not have the name of an ${what}`, async () => {
      const one = await startTestRegister([books, loans], { external: [rival(extension)] });
      try {
        const fate = one.host.registry.plugins.find(({ name }) => name === 'rival');
        assert.equal(fate?.state, 'failed');
        assert.match(String(fate?.why), /^set-up: The list has an? (include|filter) "[\w.]+" already\.$/);
        assert.equal((await one.as('viewer').get('/books?include=shelf,loans')).status, 200);
      } finally {
        await one.stop();
      }
    });
  }
});
