import assert from 'node:assert/strict';
import { z } from 'zod';
import { books } from '../testing/fixtures/books.ts';
import { troubles } from '../testing/fixtures/troubles.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { openApiOf } from './openapi.ts';
import { route } from './route.ts';

interface Operation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
  security: Record<string, string[]>[];
}
interface Document {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** Every `$ref` in a document, however deep. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' ? [inner as string] : referencesIn(inner),
  );
}

describe('the OpenAPI document', () => {
  let register: TestRegister;
  let document: Document;

  before(async () => {
    register = await startTestRegister([books, troubles]);
    const response = await fetch(`${register.url}/api/openapi.json`);
    assert.equal(response.status, 200);
    document = (await response.json()) as Document;
  });
  after(() => register.stop());

  const operation = (method: string, path: string): Operation => {
    const found = document.paths[path]?.[method];
    assert.ok(found, `${method} ${path}`);
    return found;
  };

  it('is 3.1', () => assert.match(document.openapi, /^3\.1\./));

  it('has every route, and nothing that is no route', () => {
    const documented = operationsOf(document).map(({ path, method }) => `${method} ${path}`);
    const served = register.host.registry.routes.map(({ path, method }) => `${method} ${path}`);
    assert.deepEqual(documented.sort(), served.sort());
  });

  it('gives every operation a summary, an id of its own, and a description of each answer', () => {
    const ids = new Set<string>();
    for (const { path, method, operation } of operationsOf(document)) {
      assert.ok(operation.summary, `${method} ${path}`);
      assert.ok(!ids.has(operation.operationId), operation.operationId);
      ids.add(operation.operationId);
      for (const [status, { description }] of Object.entries(operation.responses)) {
        assert.match(status, /^[2-5]\d\d$/);
        assert.ok(description, `${method} ${path} ${status}`);
      }
    }
  });

  it('declares the parameters of each path, each once', () => {
    for (const { path, method, operation } of operationsOf(document)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((each) => each.in === 'path');
      assert.deepEqual(declared.map(({ name }) => name).sort(), inPath.sort(), `${method} ${path}`);
      assert.ok(declared.every(({ required }) => required));
      const all = (operation.parameters ?? []).map((each) => `${each.in} ${each.name}`);
      assert.equal(new Set(all).size, all.length);
    }
  });

  it('refers only to what it has', () => {
    const references = new Set(referencesIn(document));
    assert.ok(references.size > 0);
    for (const reference of references) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      assert.ok(document.components.schemas[name], reference);
    }
  });

  it('names no host', () => {
    assert.deepEqual(document.servers, [{ url: '/api/v1' }]);
    assert.doesNotMatch(JSON.stringify(document), /https?:\/\//);
  });

  it('tells what a route takes and answers: parameters, body with example, dry run, problems', () => {
    const add = operation('post', '/books');
    assert.deepEqual(
      add.parameters?.map(({ name }) => name),
      ['mode', 'dryRun', 'Idempotency-Key'],
    );
    assert.deepEqual(operation('post', '/troubles/limited').parameters ?? [], []);
    assert.equal(add.requestBody?.required, true);
    assert.deepEqual(add.requestBody?.content['application/json']?.example, { title: 'Ulysses' });
    assert.deepEqual(Object.keys(add.responses).sort(), [
      ...['200', '201', '207', '400', '401', '403', '409', '413', '415', '422', '429', '503'],
    ]);
    assert.match(add.responses['409']?.description ?? '', /title-taken/);
    assert.deepEqual(add.security, [{ bearer: [] }]);
    assert.deepEqual(operation('get', '/books/oldest').security, []);
  });

  it('tells which routes take lists, what they take, and what they answer', () => {
    const { requestBody, responses } = operation('post', '/books');
    const schema = requestBody?.content['application/json']?.schema ?? {};
    const { anyOf } = schema as { anyOf: Record<string, unknown>[] };
    assert.deepEqual(
      anyOf.map(({ type, maxItems }) => [type, maxItems]),
      [
        ['object', undefined],
        ['array', 1000],
      ],
    );
    assert.match(JSON.stringify(responses['201']), /"anyOf":\[\{"\$ref".*"items"/);
    assert.match(JSON.stringify(responses['207']), /"results".*"problem"/);
    const change = operation('patch', '/books');
    assert.equal(change.summary, 'Rename a book, several at once');
    const text = JSON.stringify(change.requestBody);
    assert.match(text, /"type":"array".*"id".*"version".*"additionalProperties":false/);
    assert.deepEqual(
      Object.keys(change.responses).filter(
        (status) => status < '400' || status === '404' || status === '412',
      ),
      ['200', '207', '404', '412'],
    );
    assert.equal(operation('patch', '/books/{id}').responses['207'], undefined);
  });

  it('types query parameters by what they mean, though they travel as text', () => {
    const parameters = operation('get', '/books').parameters ?? [];
    const schemaOf = (name: string) => parameters.find((each) => each.name === name)?.schema;
    assert.deepEqual(schemaOf('limit'), {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      description: 'Items per page; 50 unless told.',
    });
    assert.match(JSON.stringify(schemaOf('pages__gte')), /"integer"/);
    assert.match(JSON.stringify(schemaOf('readAt')), /date-time/);
  });

  it('says of a list what its records are whole, and what they are with chosen fields', () => {
    const { content } = operation('get', '/books').responses['200'] ?? {};
    const { anyOf = [] } = (content?.['application/json']?.schema ?? {}) as {
      anyOf?: { properties: object }[];
    };
    const required = anyOf.map(({ properties }) => {
      const { items } = properties as { items: { items: { required?: string[] } } };
      return items.items.required?.includes('title');
    });
    assert.deepEqual(required, [true, undefined]);
  });

  it('is made once', async () => {
    const again = await (await fetch(`${register.url}/api/openapi.json`)).json();
    assert.deepEqual(again, document);
  });

  it('takes a transforming reply for what is sent, not for what the handler holds', () => {
    const day = route({
      method: 'get',
      path: '/day',
      summary: 'Today',
      permission: 'public',
      returns: z.object({ day: z.string().meta({ description: 'ISO 8601' }) }),
      handler: async () => ({ day: '2026-01-02' }),
    });
    const { paths } = openApiOf([day], '1.0.0') as Document;
    const { content } = paths['/day']?.get?.responses['200'] ?? {};
    assert.match(JSON.stringify(content), /ISO 8601/);
  });
});

describe('the readable API docs', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([books]);
  });
  after(() => register.stop());

  it('load only files of our own, and all of them are there', async () => {
    const page = await (await fetch(`${register.url}/api/docs`)).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file as string);
    assert.equal(files.length, 4);
    for (const file of files) {
      assert.match(file, /^\/api\/docs\//);
      const response = await fetch(register.url + file);
      assert.equal(response.status, 200, file);
      assert.match(response.headers.get('content-type') ?? '', /^(text\/(css|javascript)|image\/png)/);
    }
  });

  it('may not run inline scripts, nor ask anybody else', async () => {
    const response = await fetch(`${register.url}/api/docs`);
    assert.doesNotMatch(await response.text(), /<script>|<script [^s]|onload|https?:/);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /connect-src 'self';/);
  });

  it('let a browser keep the big files for a day', async () => {
    const { headers } = await fetch(`${register.url}/api/docs/assets/swagger-ui-bundle.js`);
    assert.equal(headers.get('cache-control'), 'public, max-age=86400');
  });

  it('answer 404 for a file that is not there, and stay in their folder', async () => {
    for (const path of ['none.js', '..%2f..%2fpackage.json', '']) {
      const { status } = await fetch(`${register.url}/api/docs/assets/${path}`);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    }
  });
});
