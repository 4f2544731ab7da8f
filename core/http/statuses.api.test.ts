import assert from 'node:assert/strict';
import type { Response } from 'supertest';
import { books } from '../testing/fixtures/books.ts';
import { troubles } from '../testing/fixtures/troubles.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';

/** Asserts the whole shape that RFC 9457 and our conventions promise, and answers the body. */
function problem(response: Response, status: number, code: string) {
  assert.equal(response.status, status, response.text);
  assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8');
  const { type, title, detail, instance, requestId } = response.body;
  assert.equal(type, `urn:cadastre:error:${code}`);
  assert.equal(response.body.status, status);
  assert.ok(title.length > 0 && detail.length > 0);
  assert.ok(instance.startsWith('/'));
  assert.equal(requestId, response.headers['x-request-id']);
  return response.body;
}

describe('a request that cannot be served', () => {
  let register: TestRegister;
  const json = { 'Content-Type': 'application/json' };

  before(async () => {
    register = await startTestRegister([books, troubles]);
  });
  after(() => register.stop());

  /** Sends a body as it is, which the test client would otherwise turn into JSON. */
  const raw = (path: string, body: string | Buffer, headers: Record<string, string> = json) =>
    register.as('engineer').post(path, body, headers);

  it('is 400 where the body is not JSON', async () => {
    const { detail } = problem(await raw('/books', '{"title": '), 400, 'not-parseable');
    assert.match(detail, /not JSON/);
  });

  it('is 400 where the path has a bad percent-encoding', async () => {
    problem(await register.as('viewer').get('/books/%E0%A4%A'), 400, 'not-parseable');
  });

  it('is 400 where the JSON nests deeper than any parser should go', async () => {
    const deep = `${'['.repeat(70)}${']'.repeat(70)}`;
    const { detail } = problem(await raw('/books', `{"title": ${deep}}`), 400, 'not-parseable');
    assert.match(detail, /64/);
  });

  it('takes brackets inside a text for text', async () => {
    assert.equal((await raw('/books', JSON.stringify({ title: '[{"'.repeat(60) }))).status, 201);
  });

  it('is 401 where nobody is signed in, and says how to', async () => {
    const response = await register.anonymous.get('/books');
    problem(response, 401, 'not-authenticated');
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="cadastre"');
  });

  it('is 403 naming the permission', async () => {
    const body = problem(await register.as('viewer').post('/books', { title: 'x' }), 403, 'forbidden');
    assert.equal(body.permission, 'books:write');
    assert.match(body.detail, /books:write.*viewer/);
  });

  it('is 403 where the handler demands one permission more', async () => {
    const refused = await register.as('viewer').get('/troubles/demanding');
    assert.equal(problem(refused, 403, 'forbidden').permission, 'books:write');
    assert.equal((await register.as('engineer').get('/troubles/demanding')).status, 200);
  });

  it('is 404 for a path that nobody has', async () => {
    const body = problem(await register.as('admin').get('/boks?secret=1'), 404, 'not-found');
    assert.equal(body.instance, '/api/v1/boks');
  });

  it('is 404 for a record that is not there', async () => {
    problem(await register.as('admin').get('/books/999'), 404, 'not-found');
  });

  it('is 405 with the methods that the path takes', async () => {
    const response = await register.as('admin').put('/books/1', {});
    problem(response, 405, 'method-not-allowed');
    assert.equal(response.headers.allow, 'GET, PATCH, DELETE, HEAD, OPTIONS');
  });

  it('is 409 where a constraint of the database forbids it, in words of the plugin', async () => {
    await register.as('engineer').post('/books', { title: 'Emma' });
    const { detail } = problem(
      await register.as('engineer').post('/books', { title: 'Emma' }),
      409,
      'title-taken',
    );
    assert.match(detail, /Taken: .*Emma/);
  });

  it('is 412 with what it is now, where If-Match names another version', async () => {
    const engineer = register.as('engineer');
    const { id } = (await engineer.post('/books', { title: 'Dracula' })).body;
    const stale = await engineer.patch(`/books/${id}`, { title: 'Carmilla' }, { 'If-Match': '"7"' });
    const { current } = problem(stale, 412, 'version-mismatch');
    assert.equal(stale.headers.etag, '"1"');
    assert.equal(current.title, 'Dracula');
    const weak = await engineer.delete(`/books/${id}`, undefined, { 'If-Match': 'W/"1"' });
    problem(weak, 412, 'version-mismatch');
    const fresh = await engineer.patch(`/books/${id}`, { title: 'Carmilla' }, { 'If-Match': '"1"' });
    assert.deepEqual([fresh.status, fresh.headers.etag], [200, '"2"']);
    const removed = await engineer.delete(`/books/${id}`, undefined, { 'If-Match': '"1", "2"' });
    assert.deepEqual([removed.status, removed.text], [204, '']);
  });

  it('is 413 where the body is too large', async () => {
    problem(await raw('/books', JSON.stringify({ title: 'x'.repeat(1_100_000) })), 413, 'too-large');
  });

  it('is 415 where the body is not JSON in UTF-8', async () => {
    problem(await raw('/books', 'title=x', { 'Content-Type': 'text/plain' }), 415, 'unsupported-media-type');
    const sixteen = { 'Content-Type': 'application/json; charset=utf-16le' };
    problem(
      await raw('/books', Buffer.from('{"title":"x"}', 'utf16le'), sixteen),
      415,
      'unsupported-media-type',
    );
    problem(
      await raw('/books', '{"title":"x"}', { ...json, 'Content-Encoding': 'zip' }),
      415,
      'unsupported-media-type',
    );
  });

  it('is 422 with everything that is wrong in path, query and body', async () => {
    const response = await register.as('engineer').patch('/books/zero?dry=1', { titel: 'x', author: 'y' });
    const { errors, detail } = problem(response, 422, 'invalid');
    assert.deepEqual(
      errors.map(({ path, code }: { path: string; code: string }) => [path, code]),
      [
        ['path.id', 'invalid-format'],
        ['query.dry', 'unknown-key'],
        ['body.title', 'required'],
        ['body.titel', 'unknown-key'],
        ['body.author', 'unknown-key'],
      ],
    );
    assert.match(detail, /and 4 more/);
    assert.match(errors[3].message, /did you mean "title"\?/);
  });

  it('is 422 for a body that is missing, null or of another type', async () => {
    for (const [body, path] of [
      ['', 'body.title'],
      ['null', 'body'],
      ['7', 'body'],
      ['[]', 'body'],
    ] as const) {
      const { errors } = problem(await raw('/books', body), 422, 'invalid');
      assert.equal(errors[0].path, path, `for the body ${body}`);
    }
  });

  it('is 422 for a query parameter nobody knows, naming the near ones', async () => {
    const { errors } = problem(await register.as('viewer').get('/books?titel__contain=x'), 422, 'invalid');
    assert.match(errors[0].message, /did you mean "title__contains"/);
  });

  it('is 422 for text that PostgreSQL cannot keep, wherever it stands', async () => {
    const body = '{"title":"a\\u0000b","metadata":{"x":["\\ud800"],"\\udfff":1}}';
    const { errors } = problem(await raw('/books', body), 422, 'invalid');
    assert.deepEqual(
      errors.map(({ path, code }: { path: string; code: string }) => [path, code]),
      [
        ['body.title', 'not-storable'],
        ['body.metadata.x.0', 'not-storable'],
        ['body.metadata', 'not-storable'],
      ],
    );
    const query = problem(await register.as('viewer').get('/books?title=a%00b'), 422, 'invalid');
    assert.deepEqual(query.errors[0].path, 'query.title');
  });

  it('keeps text that only looks like such an escape, and whole surrogate pairs', async () => {
    const response = await raw('/books', '{"title":"a\\\\u0000b \\ud83d\\ude00"}');
    assert.deepEqual([response.status, response.body.title], [201, 'a\\u0000b 😀']);
  });

  it('is 422 where a check of the database forbids the value', async () => {
    const { detail } = problem(
      await register.as('engineer').post('/books', { title: 'Thin', pages: -1 }),
      422,
      'invalid',
    );
    assert.match(detail, /book_pages_check/);
  });

  it('is 500 that says nothing of the inside', async () => {
    const response = await register.anonymous.get('/troubles/crash');
    problem(response, 500, 'internal');
    assert.doesNotMatch(response.text, /secret|TypeError|\.ts/);
  });

  it('is 500 where, in tests, a reply does not fit its own schema', async () => {
    problem(await register.anonymous.get('/troubles/wrong-reply'), 500, 'internal');
  });
});

describe('a dry run', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books]);
  });
  after(() => register.stop());

  it('answers what would be, with 200, and keeps nothing', async () => {
    const engineer = register.as('engineer');
    const response = await engineer.post('/books?dryRun=true', { title: 'Walden' });
    assert.deepEqual([response.status, response.body.title], [200, 'Walden']);
    assert.deepEqual([response.headers.etag, response.headers['x-change-id']], [undefined, undefined]);
    assert.equal((await engineer.get('/books?count=exact')).body.total, 0);
  });

  it('hears the rules that PostgreSQL would only check at the end', async () => {
    const response = await register.as('engineer').post('/books?dryRun=1', { title: 'Walden', shelfId: 9 });
    assert.deepEqual([response.status, response.body.detail], [409, 'There is no such shelf.']);
  });

  it('is refused where its flag is neither true nor false', async () => {
    const response = await register.as('engineer').post('/books?dryRun=maybe', { title: 'Walden' });
    assert.deepEqual([response.status, response.body.errors[0].path], [422, 'query.dryRun']);
  });
});
