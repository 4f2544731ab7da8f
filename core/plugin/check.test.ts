import assert from 'node:assert/strict';
import { z } from 'zod';
import { defineErrors } from '../errors/problem.ts';
import { route } from '../http/route.ts';
import { job } from '../jobs/job.ts';
import { Book } from '../testing/fixtures/books.ts';
import { Hosts, pluginOf } from '../testing/hosts.ts';

const open = { method: 'get', summary: 'X', permission: 'public', handler: async () => undefined } as const;

describe('the host', () => {
  const hosts = new Hosts();
  const { boot } = hosts;
  before(hosts.open);
  after(hosts.close);

  describe('refuses, naming both owners, two that claim one', () => {
    const pair = (parts: object, otherParts = parts) =>
      boot([pluginOf('one', parts), pluginOf('two', otherParts)]);

    it('name', async () => {
      await assert.rejects(
        boot([pluginOf('one'), pluginOf('one')]),
        /The plugin "one" is claimed by both one and one/,
      );
      await assert.rejects(boot([pluginOf('kernel')]), /both kernel and kernel/);
    });

    it('table', async () => {
      const models = { Book };
      await assert.rejects(
        pair({ models: { A: Book } }, { models: { B: Book } }),
        /The table "book" is claimed by both one and two/,
      );
      await assert.rejects(pair({ models }), /The model "Book" is claimed by both one and two/);
      const outbox = { models: { Mail: { ...Book, table: 'outbox' } } };
      await assert.rejects(
        boot([pluginOf('one', outbox)]),
        /The table "outbox" is claimed by both kernel and one/,
      );
    });

    it('permission, event, constraint or error', async () => {
      const errors = () => defineErrors({ x: { code: 'broken', status: 409, title: 'Broken' } });
      for (const [kind, parts] of [
        ['permission "a:b"', { permissions: { 'a:b': { label: '', roles: [] } } }],
        ['event "a.b"', { events: { 'a.b': z.object({}) } }],
        ['constraint "a_key"', { constraints: { a_key: { problem: errors().x } } }],
        ['error "broken"', { errors: errors() }],
      ] as const) {
        await assert.rejects(pair(parts), new RegExp(`The ${kind} is claimed by both one and two`));
      }
      const taken = { errors: defineErrors({ x: { code: 'conflict', status: 409, title: 'X' } }) };
      await assert.rejects(boot([pluginOf('one', taken)]), /"conflict" is claimed by both kernel and one/);
    });

    it('route, whatever its parameter is called', async () => {
      const params = z.strictObject({ id: z.string() });
      const at = (path: `/${string}`, more = {}) => ({
        routes: () => [route({ ...open, path, params, ...more })],
      });
      await assert.rejects(pair(at('/a/{id}')), /The route "GET \/a\/\{\}" is claimed by both one and two/);
      const named = at('/a/{key}', { method: 'patch', params: z.strictObject({ key: z.string() }) });
      await assert.rejects(
        pair(at('/a/{id}'), named),
        /\/a\/\{id\} of one and \/a\/\{key\} of two are one path/,
      );
      await assert.rejects(
        boot([pluginOf('one', { routes: () => [route({ ...open, path: '/plugins' })] })]),
        /The route "GET \/plugins" is claimed by both kernel and one/,
      );
      const twice = () => [route({ ...open, path: '/a' }), route({ ...open, path: '/a' })];
      await assert.rejects(boot([pluginOf('one', { routes: twice })]), /is claimed by one twice/);
    });
  });

  it('refuses a concurrency out of reason', async () => {
    for (const concurrency of [0, 1.5, 1000]) {
      await assert.rejects(
        boot([pluginOf('one', { concurrency })]),
        /one: a concurrency of .* is not possible/,
      );
      const jobs = () => [job({ name: 'dust', data: z.object({}), concurrency, run: async () => undefined })];
      await assert.rejects(boot([pluginOf('one', { jobs })]), /the job "dust" has a concurrency of/);
    }
    const retry = { attempts: 0 };
    const jobs = () => [job({ name: 'dust', data: z.object({}), retry, run: async () => undefined })];
    await assert.rejects(boot([pluginOf('one', { jobs })]), /the job "dust" can be tried 1 to 100 times/);
  });

  describe('refuses a job', () => {
    const withJobs = (...jobs: object[]) =>
      boot([
        pluginOf('one', {
          jobs: () =>
            jobs.map((each) => job({ every: '* * * * *', run: async () => undefined, ...each } as never)),
        }),
      ]);

    it('whose name is taken, or none', async () => {
      await assert.rejects(
        withJobs({ name: 'dust' }, { name: 'dust' }),
        /The job "one\.dust" is claimed by one twice/,
      );
      await assert.rejects(withJobs({ name: 'Dust it' }), /one: the job name "Dust it" must be lower case/);
    });

    it('that says no time at which it could run', async () => {
      await assert.rejects(
        withJobs({ name: 'dust', every: 'daily' }),
        /one: the job "dust" cannot run every "daily": a cron expression has five or six fields/,
      );
      await assert.rejects(
        withJobs({ name: 'dust', every: '99 * * * *' }),
        /cannot run every "99 \* \* \* \*"/,
      );
    });

    it('whose data nobody would give it', async () => {
      await assert.rejects(
        withJobs({ name: 'dust', data: z.object({ shelf: z.string() }) }),
        /the job "dust" needs a default for all of its data/,
      );
    });
  });

  describe('refuses a metric', () => {
    const metrics = (name: string, more = {}) => ({
      metrics: () => ({ [name]: { help: 'X.', read: () => 1, ...more } }),
    });

    it('whose name is taken, or none', async () => {
      const books = metrics('cadastre_books');
      await assert.rejects(
        boot([pluginOf('one', books), pluginOf('two', books)]),
        /The metric "cadastre_books" is claimed by both one and two/,
      );
      await assert.rejects(
        boot([pluginOf('one', metrics('cadastre_plugin_state'))]),
        /The metric "cadastre_plugin_state" is claimed by both kernel and one/,
      );
      for (const name of ['books', 'cadastre_Books', 'nodejs_books']) {
        await assert.rejects(
          boot([pluginOf('one', metrics(name))]),
          /must be cadastre_ and lower case/,
          name,
        );
      }
    });

    it('with a label that is no word', async () => {
      await assert.rejects(
        boot([pluginOf('one', metrics('cadastre_books', { labels: ['shelf', 'of-what'] }))]),
        /the metric cadastre_books has the label "of-what"/,
      );
    });
  });

  describe('refuses a route', () => {
    const withRoute = (parts: object) =>
      boot([pluginOf('one', { routes: () => [route({ ...open, path: '/a', ...parts } as never)] })]);

    it('whose permission nobody declares', async () => {
      await assert.rejects(
        withRoute({ permission: 'a:b' }),
        /needs the permission "a:b", which no plugin declares/,
      );
    });

    it('whose path and parameters differ', async () => {
      await assert.rejects(
        withRoute({ path: '/a/{id}' }),
        /has the parameters \(id\), its params declare \(\)/,
      );
    });

    it('that would drop unknown keys, however deep inside', async () => {
      const lenient = z.object({ x: z.number() });
      for (const [parts, where] of [
        [{ query: lenient }, 'query'],
        [{ body: z.strictObject({ list: z.array(lenient).optional() }) }, 'body.list[]'],
        [{ body: z.union([z.strictObject({ y: z.string() }), z.array(lenient)]) }, 'body[]'],
        [{ body: z.record(z.string(), lenient.default({ x: 1 })) }, 'body'],
        [{ body: lenient.transform(({ x }) => x) }, 'body'],
        [{ body: z.lazy(() => lenient) }, 'body'],
      ] as const) {
        await assert.rejects(withRoute(parts), (fault: Error) =>
          fault.message.includes(`not strict (${where})`),
        );
      }
    });

    it('that cannot be bulk as it says, with why', async () => {
      const params = z.strictObject({ id: z.string() });
      const body = z.strictObject({ name: z.string() });
      const post = { method: 'post', bulk: true, body, returns: body };
      const patch = { ...post, method: 'patch', path: '/a/{id}', params };
      for (const [parts, why] of [
        [{ ...post, method: 'put' }, 'only POST and PATCH take lists'],
        [{ ...post, permission: 'signed-in', idempotency: 'own' }, 'it keeps its idempotency keys itself'],
        [{ ...post, returns: undefined }, 'it needs a body and a reply'],
        [
          { ...post, query: z.strictObject({ mode: z.string() }) },
          'its query has a parameter "mode" of its own',
        ],
        [{ ...patch, path: '/a', params: undefined }, 'its path does not end with /{id}'],
        [{ ...patch, body: z.array(body) }, 'its body is no object'],
        [{ ...patch, body: body.extend({ version: z.int() }) }, 'its body has a field "version" of its own'],
      ] as const) {
        await assert.rejects(withRoute(parts), (fault: Error) =>
          fault.message.endsWith(`cannot be bulk: ${why}.`),
        );
      }
    });

    it('that takes the place of the one for lists', async () => {
      const params = z.strictObject({ id: z.string() });
      const body = z.strictObject({ name: z.string() });
      const item = route({
        ...open,
        method: 'patch',
        path: '/a/{id}',
        params,
        body,
        returns: body,
        bulk: true,
      } as never);
      const own = route({ ...open, method: 'patch', path: '/a' });
      await assert.rejects(
        boot([pluginOf('one', { routes: () => [item] }), pluginOf('two', { routes: () => [own] })]),
        /The route "PATCH \/a" is claimed by both one and two/,
      );
      const { registry } = await boot([pluginOf('one', { routes: () => [item] })]);
      const served = registry.routes.map(({ method, path }) => `${method} ${path}`);
      const ofOne = served.filter((each) => each.includes('/a'));
      assert.deepEqual(ofOne.sort(), ['patch /a', 'patch /a/{id}']);
    });

    it('but not one that takes free JSON on purpose, or a schema that holds itself', async () => {
      type Tree = { children: Tree[] };
      const tree: z.ZodType<Tree> = z.lazy(() => z.strictObject({ children: z.array(tree) }));
      await withRoute({ body: z.strictObject({ any: z.looseObject({}), json: z.json(), tree }) });
    });
  });
});
