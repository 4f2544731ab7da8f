import assert from 'node:assert/strict';
import supertest from 'supertest';
import { z } from 'zod';
import { numberFilters } from '../http/filters.ts';
import { listExtensions } from '../http/include.ts';
import { definePlugin } from '../plugin/define.ts';
import { startTestRegister, type TestRegister } from '../testing/register.ts';
import { exhibits, halls, museum, seen } from './testing/museum.ts';

/** Adds to the list of exhibits as another plugin would. */
const insurer = definePlugin({
  name: 'insurer',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Knows what exhibits are worth.',
  requires: [museum],
  setup(ctx) {
    ctx.extend(listExtensions, {
      list: exhibits.list,
      includes: { worth: { schema: z.int(), load: async (_query, items) => items.map(() => 7) } },
      filters: numberFilters('worth', '7'),
    });
  },
});

describe('a resource', () => {
  let register: TestRegister;
  let east: number;
  let west: number;
  before(async () => {
    register = await startTestRegister([insurer]);
  });
  after(() => register.stop());
  beforeEach(async () => {
    await register.db.query('DELETE FROM exhibit');
    await register.db.query('DELETE FROM hall');
    east = (await made('/halls', { name: 'East', floor: 1 })).id;
    west = (await made('/halls', { name: 'West' })).id;
    seen.length = 0;
  });

  const engineer = () => register.as('engineer');
  async function made(path: string, body: object) {
    const answer = await engineer().post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }
  const exhibit = (title: string, more: object = {}) =>
    made('/exhibits', { title, hall: 'East', onShow: true, ...more });
  async function titles(query: string): Promise<string> {
    const { status, body } = await register.as('viewer').get(`/exhibits?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.items.map(({ title }: { title: string }) => title).join('');
  }
  async function faults(answer: Promise<supertest.Response>): Promise<string[]> {
    const { status, body } = await answer;
    assert.equal(status, 422, JSON.stringify(body));
    return body.errors.map(
      ({ path, code, message }: Record<string, string>) => `${path} ${code}: ${message}`,
    );
  }

  it('is created with defaults, shown, changed and deleted', async () => {
    const full = {
      title: 'The Scream',
      hallId: east,
      kind: 'sculpture',
      pieces: 3,
      kilograms: 2.5,
      onShow: false,
      acquiredAt: '2020-01-02T03:04:05+02:00',
      sensor: '001A.2b3c.4d5e',
      sizes: [91, 73.5],
      description: 'Loud',
      tags: ['loan'],
      metadata: { a: [null] },
      customFields: { insured: true, nothing: null },
    };
    const record = await made('/exhibits', full);
    const { id, createdAt, updatedAt, ...rest } = record;
    assert.equal(createdAt, updatedAt);
    assert.deepEqual(rest, {
      ...full,
      pairId: null,
      pieces: 1,
      acquiredAt: '2020-01-02T01:04:05Z',
      sensor: '00:1a:2b:3c:4d:5e',
      customFields: { insured: true },
      slug: 'the scream',
      pairs: 0,
      version: 1,
      createdBy: 'user:0',
      updatedBy: 'user:0',
    });
    const bare = await exhibit('Bare', { pair: 'The Scream' });
    assert.deepEqual([bare.kind, bare.pieces, bare.kilograms, bare.sizes], ['painting', 1, null, []]);
    const shown = await register.as('viewer').get(`/exhibits/${id}`);
    assert.deepEqual(shown.body, { ...record, pairs: 1 });
    assert.equal(shown.headers.etag, '"1"');
    const changed = await engineer().patch(`/exhibits/${id}`, {
      kilograms: null,
      sizes: [1],
      hall: 'West',
      metadata: { b: 1 },
      customFields: { room: 4 },
    });
    assert.deepEqual(
      [changed.body.kilograms, changed.body.sizes, changed.body.hallId, changed.body.version],
      [null, [1], west, 2],
    );
    assert.deepEqual(
      [changed.body.metadata, changed.body.customFields],
      [{ b: 1 }, { insured: true, room: 4 }],
    );
    const same = await engineer().patch(`/exhibits/${id}`, {});
    assert.deepEqual([same.status, same.body.version], [200, 2]);
    assert.equal((await engineer().delete(`/exhibits/${bare.id}`)).status, 204);
    const gone = await register.as('viewer').get(`/exhibits/${bare.id}`);
    assert.deepEqual([gone.status, gone.body.detail], [404, `There is no exhibit ${bare.id}.`]);
    assert.equal((await engineer().patch(`/exhibits/${bare.id}`, {})).status, 404);
    assert.equal((await engineer().delete(`/exhibits/${bare.id}`)).status, 404);
    assert.deepEqual(seen, ['created', 'created', 'updated The Scream', 'goodbye Bare', 'deleted']);
  });

  it('has its own rules by hooks, which undo the write', async () => {
    const heavy = await engineer().post('/exhibits', {
      title: 'Stone',
      hall: 'East',
      onShow: true,
      kilograms: 1001,
    });
    assert.deepEqual([heavy.status, heavy.body.type], [409, 'urn:cadastre:error:too-heavy']);
    const { id } = await exhibit('Many', { pieces: 4 });
    const { body } = await engineer().patch(`/exhibits/${id}`, { kind: 'sculpture' });
    assert.deepEqual([body.kind, body.pieces], ['sculpture', 1]);
  });

  it('refers to others by id or by name, and is told which are not there', async () => {
    const post = (body: object) => engineer().post('/exhibits', { title: 'X', onShow: true, ...body });
    assert.deepEqual(await faults(post({ hall: 'North', pairId: 999 })), [
      'body.hall not-found: There is no hall "North"; GET /halls lists them.',
      'body.pairId not-found: There is no exhibit 999; GET /exhibits lists them.',
    ]);
    assert.deepEqual(await faults(post({})), [
      'body.hallId required: It is missing: give hallId, or hall by name.',
    ]);
    assert.deepEqual(await faults(post({ hall: 'East', hallId: east, pieces: 0 })), [
      'body.pieces too-small: It has to be at least 1.',
      'body.hall custom: Give hallId or hall, not both',
    ]);
    assert.deepEqual(await faults(post({ hallId: null })), [
      'body.hallId invalid-type: It has to be a number, not null.',
    ]);
    await exhibit('Twin');
    await exhibit('Twin');
    assert.deepEqual(await faults(post({ hall: 'East', pair: 'Twin' })), [
      'body.pair ambiguous: Several exhibits are called "Twin"; say pairId.',
    ]);
    const { id } = await exhibit('Y');
    assert.deepEqual(await faults(engineer().patch(`/exhibits/${id}`, { hall: 'North' })), [
      'body.hall not-found: There is no hall "North"; GET /halls lists them.',
    ]);
    const paired = await engineer().patch(`/exhibits/${id}`, { pairId: id });
    assert.equal(paired.body.pairId, id);
    assert.equal((await engineer().patch(`/exhibits/${id}`, { pair: null })).body.pairId, null);
  });

  it('is filtered, sorted, counted and asked in the query language by what its fields are', async () => {
    await exhibit('A', { pieces: 5, kilograms: 2.5, sensor: '00:00:00:00:00:0a' });
    await exhibit('B', { hall: 'West', kind: 'sculpture', pair: 'A', tags: ['loan'] });
    await exhibit('C', { onShow: false, acquiredAt: '2020-01-01T00:00:00Z', description: 'old and blue' });
    for (const [query, wanted] of [
      ['', 'ABC'],
      ['sort=-title', 'CBA'],
      ['sort=kilograms', 'ABC'],
      ['sort=-pieces', 'ACB'],
      ['title=A&title=C', 'AC'],
      ['title__contains=b', 'B'],
      ['hall=West', 'B'],
      [`hall=${west}`, 'B'],
      [`hallId=${east}`, 'AC'],
      ['hall=North', ''],
      ['pair=A', 'B'],
      ['pair__empty=true', 'AC'],
      ['kind__ne=painting', 'B'],
      ['pieces__gte=5', 'A'],
      ['kilograms__lt=3', 'A'],
      ['onShow=false', 'C'],
      ['acquiredAt__lte=2020-06-01T00:00:00Z', 'C'],
      ['sensor=00-00-00-00-00-0A', 'A'],
      ['tag=loan', 'B'],
      ['description__contains=blue', 'C'],
      ['worth__gt=6', 'ABC'],
      ['worth__gt=7', ''],
      ['q=pieces > 4 or hall = West', 'AB'],
    ] as const) {
      assert.equal(await titles(query), wanted, query);
    }
    const { body } = await register.as('viewer').get('/exhibits?limit=2&count=exact&sort=-title');
    assert.equal(body.total, 3);
    const next = await register.as('viewer').get(`/exhibits?limit=2&sort=-title&cursor=${body.nextCursor}`);
    assert.deepEqual(
      [next.body.items.map(({ title }: { title: string }) => title), next.body.nextCursor],
      [['A'], null],
    );
    assert.match((await faults(register.as('viewer').get('/exhibits?titel=A')))[0] ?? '', /title/);
    assert.match((await faults(register.as('viewer').get('/exhibits?sort=sizes')))[0] ?? '', /not possible/);
  });

  it('is shown with what it refers to, and by the fields asked for', async () => {
    const { id } = await exhibit('A');
    await exhibit('B', { pair: 'A' });
    const { body } = await register
      .as('viewer')
      .get('/exhibits?include=hall,pair,worth&fields=title&sort=-title');
    const hall = { id: east, name: 'East', floor: 1 };
    assert.deepEqual(body.items, [
      { title: 'B', hall, pair: { id, title: 'A' }, worth: 7 },
      { title: 'A', hall, pair: null, worth: 7 },
    ]);
    const one = await register.as('viewer').get(`/exhibits/${id}?include=hall&fields=pairs`);
    assert.deepEqual(one.body, { pairs: 1, hall });
  });

  it('is written by whoever read the version that there is', async () => {
    const { id } = await exhibit('A');
    const stale = { 'If-Match': '"7"' };
    const refused = await engineer().patch(`/exhibits/${id}`, { pieces: 2 }, stale);
    assert.deepEqual([refused.status, refused.body.current.title], [412, 'A']);
    assert.equal((await engineer().delete(`/exhibits/${id}`, undefined, stale)).status, 412);
    const taken = await engineer().patch(`/exhibits/${id}`, { pieces: 2 }, { 'If-Match': '"1"' });
    assert.deepEqual([taken.status, taken.headers.etag], [200, '"2"']);
  });

  it('is written in lists, whole or in part, and not at all in a dry run', async () => {
    const good = { title: 'Good', hall: 'East', onShow: true };
    const bad = { title: 'Bad', hall: 'North', onShow: true };
    const atomic = await engineer().post('/exhibits', [good, bad]);
    assert.deepEqual([atomic.status, atomic.body.errors[0].path], [422, 'body.1.hall']);
    assert.equal(await titles(''), '');
    const partial = await engineer().post('/exhibits?mode=partial', [good, bad]);
    assert.equal(partial.status, 207);
    assert.deepEqual(
      partial.body.results.map(({ status }: { status: number }) => status),
      [201, 422],
    );
    const { id } = partial.body.results[0].item;
    const patched = await engineer().patch('/exhibits', [{ id, version: 1, title: 'Better' }]);
    assert.deepEqual([patched.status, patched.body.items[0].title], [200, 'Better']);
    assert.equal((await engineer().patch('/exhibits', [{ id, version: 1, title: 'Best' }])).status, 412);
    const dry = await engineer().post('/exhibits?dryRun=true', { ...good, title: 'Ghost' });
    assert.deepEqual([dry.status, dry.body.title], [200, 'Ghost']);
    assert.equal((await engineer().delete(`/exhibits/${id}?dryRun=true`)).status, 204);
    assert.equal(await titles(''), 'Better');
  });

  it('refuses what it does not know, and names that would be ids', async () => {
    assert.match((await faults(engineer().post('/halls', { name: 'X', flor: 1 })))[0] ?? '', /floor/);
    assert.deepEqual(await faults(engineer().post('/halls', { name: '42', floor: 10 })), [
      'body.name invalid-format: A name of digits alone would be taken for an id',
      'body.floor too-big: It has to be at most 9.',
    ]);
    assert.equal((await engineer().post('/halls', { name: '42a' })).status, 201);
    assert.equal((await faults(engineer().patch(`/halls/${east}`, { name: '  ' }))).length, 1);
    const derived = await engineer().post('/exhibits', {
      title: 'X',
      hall: 'East',
      onShow: true,
      slug: 's',
      pairs: 2,
    });
    assert.equal(derived.status, 422);
  });

  it('is refused where the database holds against it', async () => {
    const twice = await engineer().post('/halls', { name: 'East' });
    assert.deepEqual(
      [twice.status, twice.body.type, twice.body.detail],
      [409, 'urn:cadastre:error:hall-taken', 'There is a hall of this name; choose another.'],
    );
    await exhibit('A');
    const kept = await engineer().delete(`/halls/${east}`);
    assert.deepEqual(
      [kept.status, kept.body.type, kept.body.detail],
      [
        409,
        'urn:cadastre:error:hall-in-use',
        'Some exhibits refer to this hall; give them another first, or none.',
      ],
    );
    assert.equal((await engineer().delete(`/halls/${west}`)).status, 204);
  });

  it('is read and written by those alone who may', async () => {
    const body = { name: 'North' };
    const viewer = register.as('viewer');
    assert.match((await viewer.post('/halls', body)).body.detail, /museum:write/);
    const statuses = await Promise.all([
      register.anonymous.get('/halls'),
      viewer.get('/halls'),
      viewer.post('/halls', body),
      viewer.patch(`/halls/${east}`, body),
      viewer.patch('/halls', [{ id: east }]),
      viewer.delete(`/halls/${east}`),
    ]);
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [401, 200, 403, 403, 403, 403],
    );
  });

  it('stands in the API docs with all of it', async () => {
    const { body } = await supertest(register.url).get('/api/openapi.json');
    const { paths, components } = body;
    assert.deepEqual(Object.keys(paths['/exhibits']).sort(), ['get', 'patch', 'post']);
    assert.deepEqual(Object.keys(paths['/exhibits/{id}']).sort(), ['delete', 'get', 'patch']);
    const query = paths['/exhibits'].get.parameters.map(({ name }: { name: string }) => name);
    for (const name of ['hall', 'hallId', 'kind', 'pieces__gte', 'include', 'q', 'worth'])
      assert.ok(query.includes(name), name);
    assert.equal(paths['/exhibits'].post.summary, 'Create an exhibit');
    assert.match(paths['/exhibits'].post.responses['409'].description, /too-heavy/);
    assert.match(paths['/halls/{id}'].delete.responses['409'].description, /hall-in-use/);
    assert.match(paths['/halls/{id}'].delete.description, /^Empty ones only/);
    assert.ok(components.schemas.Exhibit.properties.customFields);
    assert.ok(components.schemas.HallReference.properties.floor);
  });

  it('tells the audit log and the panel what it is', () => {
    const { definition, admin } =
      register.host.registry.models.find(({ name }) => name === 'Exhibit') ?? assert.fail();
    assert.deepEqual(
      [definition.entity, definition.table, definition.key, definition.derived],
      ['exhibit', 'exhibit', ['hallId', 'title'], ['slug']],
    );
    const columns = definition.columns as unknown as Record<string, { references?: { model: string } }>;
    assert.deepEqual(
      [columns.hallId?.references?.model, columns.pairId?.references?.model, 'pairs' in columns],
      ['hall', 'exhibit', false],
    );
    assert.deepEqual(admin, {
      title: 'title',
      group: 'Museum',
      rest: '/exhibits',
      icon: 'Image',
      labels: { hallId: 'Where' },
    });
    assert.equal(halls.namedBy, 'name');
  });
});
