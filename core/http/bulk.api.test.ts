import assert from 'node:assert/strict';
import type { Response } from 'supertest';
import { books } from '../testing/fixtures/books.ts';
import { pluginOf } from '../testing/hosts.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';

interface Reply {
  items: { id: number; title: string; version: number }[];
}
interface Refusal {
  refused: { index: number; status: number; code: string; detail: string; errors?: { path: string }[] }[];
}

const heard: string[] = [];

/** Hears of books. */
const listener = pluginOf('listener', {
  requires: [books],
  setup(ctx: {
    subscribe(event: string, name: string, deliver: (payload: { title: string }) => Promise<void>): void;
  }) {
    ctx.subscribe('book.added', 'shelve', async ({ title }) => void heard.push(title));
  },
});

describe('a list', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books, listener]);
  });
  after(() => register.stop());
  beforeEach(async () => {
    await register.owner.query('TRUNCATE book, outbox');
    heard.length = 0;
  });

  const engineer = () => register.as('engineer');
  const add = (list: unknown, query = '') => engineer().post(`/books${query}`, list);
  const titles = async () =>
    (await register.db.query<{ title: string }>('SELECT title FROM book ORDER BY id')).map(
      ({ title }) => title,
    );
  const status = ({ status: number, body }: Response) => `${number} ${body.type?.split(':').at(-1)}`;

  it('of new records is made in one transaction and answered in its order', async () => {
    const { status, body, headers } = await add([{ title: 'b' }, { title: 'a' }, { title: 'c' }]);
    assert.equal(status, 201);
    assert.deepEqual(
      (body as Reply).items.map(({ title }) => title),
      ['b', 'a', 'c'],
    );
    assert.match(headers['x-change-id'] ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual([headers.location, headers.etag], [undefined, undefined]);
    const [{ n } = {}] = await register.db.query<{ n: number }>(
      'SELECT count(DISTINCT xmin::text) AS n FROM book',
    );
    assert.equal(n, 1);
    await register.host.events.deliverDue();
    assert.deepEqual(heard, ['b', 'a', 'c']);
  });

  it('leaves what a single body is answered with as it was', async () => {
    const { status, headers, body } = await add({ title: 'Emma' });
    assert.deepEqual([status, headers.etag, headers.location], [201, '"1"', `/api/v1/books/${body.id}`]);
  });

  it('that is refused leaves nothing behind and tells all its faults, the first of them with its status', async () => {
    await add([{ title: 'Emma' }]);
    const response = await add([
      { title: 'fine' },
      { title: 'Emma' },
      { title: '', pagse: 3 },
      { title: 'lost', shelfId: 9 },
    ]);
    assert.equal(status(response), '409 title-taken');
    const { detail, errors, refused } = response.body as Refusal & { detail: string; errors: unknown };
    assert.equal(
      detail,
      'Nothing was changed, since 3 of 4 items are refused; the first, body.1: Taken: Key (title)=(Emma) already exists.',
    );
    assert.equal(errors, undefined);
    assert.deepEqual(
      refused.map(({ index, status, code }) => [index, status, code]),
      [
        [1, 409, 'title-taken'],
        [2, 422, 'invalid'],
        [3, 409, 'conflict'],
      ],
    );
    assert.deepEqual(
      refused[1]?.errors?.map(({ path }) => path),
      ['body.2.title', 'body.2.pagse'],
    );
    assert.equal(refused[2]?.detail, 'There is no such shelf.');
    assert.deepEqual(await titles(), ['Emma']);
    await register.host.events.deliverDue();
    assert.deepEqual(heard, ['Emma']);
  });

  it('whose first fault is one of form tells the fields of every item that has one', async () => {
    const response = await add([{ title: 'a' }, {}, { title: 'b', pages: 'ten' }]);
    assert.equal(status(response), '422 invalid');
    assert.deepEqual(
      response.body.errors.map(({ path }: { path: string }) => path),
      ['body.1.title', 'body.2.pages'],
    );
    assert.match(response.body.detail, /2 of 3 items are refused; the first, body\.1\.title: It is missing/);
  });

  it('that is partial keeps the good items, and answers each with what became of it', async () => {
    await add([{ title: 'Emma' }]);
    const response = await add(
      [{ title: 'a' }, { title: 'Emma' }, { titel: 'b' }, { title: 'lost', shelfId: 9 }, { title: 'c' }],
      '?mode=partial',
    );
    assert.equal(response.status, 207);
    const { results } = response.body;
    assert.deepEqual(
      results.map(
        (each: { index: number; status: number; item?: { title: string }; problem?: { title: string } }) => [
          each.index,
          each.status,
          each.item?.title ?? each.problem?.title,
        ],
      ),
      [
        [0, 201, 'a'],
        [1, 409, 'Another book has this title'],
        [2, 422, 'The request is not valid'],
        [3, 409, 'A rule of the register forbids it'],
        [4, 201, 'c'],
      ],
    );
    assert.deepEqual(results[1].problem, {
      type: 'urn:cadastre:error:title-taken',
      title: 'Another book has this title',
      status: 409,
      detail: 'Taken: Key (title)=(Emma) already exists.',
    });
    assert.deepEqual(results[2].problem.errors[0].path, 'body.2.title');
    assert.deepEqual(await titles(), ['Emma', 'a', 'c']);
    await register.host.events.deliverDue();
    assert.deepEqual(heard, ['Emma', 'a', 'c']);
  });

  it('that is partial is 207 also where all is well, and where nothing is', async () => {
    const well = await add([{ title: 'a' }], '?mode=partial');
    assert.deepEqual([well.status, well.body.results[0].item.title], [207, 'a']);
    const ill = await add([{ title: 'a' }], '?mode=partial');
    assert.deepEqual([ill.status, ill.body.results[0].status], [207, 409]);
  });

  it('can be tried without keeping any of it', async () => {
    const whole = await add([{ title: 'a' }, { title: 'b' }], '?dryRun=true');
    assert.deepEqual([whole.status, whole.body.items.length], [200, 2]);
    assert.equal(whole.headers['x-change-id'], undefined);
    const part = await add([{ title: 'a' }, { title: 'a' }], '?dryRun=true&mode=partial');
    assert.deepEqual(
      [part.status, part.body.results.map((each: { status: number }) => each.status)],
      [207, [200, 409]],
    );
    const refused = await add([{ title: 'a' }, { title: 'a' }], '?dryRun=true');
    assert.equal(status(refused), '409 title-taken');
    assert.deepEqual(await titles(), []);
  });

  for (const [what, list, query, path, said] of [
    ['is empty', [], '', 'body', /An empty list asks for nothing/],
    [
      'has over a thousand items',
      Array.from({ length: 1001 }, (_, i) => ({ title: `${i}` })),
      '',
      'body',
      /A list has 1000 items at most; send several lists/,
    ],
    ['is taken in no known way', [{ title: 'a' }], '?mode=best', 'query.mode', /atomic.*partial/],
    ['has a query that nobody knows', [{}], '?mood=atomic', 'query.mood', /"mood" is not known here/],
  ] as const) {
    it(`is refused where it ${what}`, async () => {
      const response = await add(list, query);
      assert.equal(status(response), '422 invalid');
      assert.equal(response.body.errors[0].path, path);
      assert.match(response.body.detail, said);
      assert.deepEqual(await titles(), []);
    });
  }

  it('alone has a mode', async () => {
    const { status, body } = await add({ title: 'a' }, '?mode=partial');
    assert.deepEqual([status, body.errors[0].path, body.errors[0].code], [422, 'query.mode', 'not-a-list']);
    assert.match(body.detail, /the body is no list: leave it out, or send an array/);
  });

  it('asks for the permission of a single one', async () => {
    for (const response of [
      await register.as('viewer').post('/books', [{ title: 'a' }]),
      await register.as('viewer').patch('/books', [{ id: 1, title: 'a' }]),
    ]) {
      assert.deepEqual([status(response), response.body.permission], ['403 forbidden', 'books:write']);
    }
  });
});
