import assert from 'node:assert/strict';
import { z } from 'zod';
import { openDatabase } from '../db/database.ts';
import { route } from '../http/route.ts';
import { Book, books } from '../testing/fixtures/books.ts';
import { fatesIn, Hosts, pluginOf } from '../testing/hosts.ts';
import { startTestRegister, testCaller, testDatabase } from '../testing/index.ts';
import { extensionPoint } from './extension.ts';

const open = { method: 'get', summary: 'X', permission: 'public', handler: async () => undefined } as const;

describe('the host', () => {
  const hosts = new Hosts();
  const { boot } = hosts;
  before(hosts.open);
  after(hosts.close);

  describe('gives a plugin', () => {
    it('what those it requires offer, and nothing of others', async () => {
      const one = pluginOf('one', { setup: () => ({ answer: 42 }) });
      const seen: object[] = [];
      const two = pluginOf('two', {
        requires: [one],
        setup: (ctx: { plugins: object }) => void seen.push(ctx.plugins),
      });
      await boot([one, pluginOf('other', { setup: () => 1 }), two]);
      assert.deepEqual(seen, [{ one: { answer: 42 } }]);
    });

    it('its settings from the environment', async () => {
      const config = z.object({
        cooldownSeconds: z.coerce.number().int().min(0).default(0),
        mode: z.string(),
      });
      let seen: unknown;
      const reader = pluginOf('pet-shop', {
        config,
        setup: (ctx: { config: unknown }) => {
          seen = ctx.config;
        },
      });
      const env = { CADASTRE_PET_SHOP_COOLDOWN_SECONDS: '7', CADASTRE_PET_SHOP_MODE: 'fast' };
      await boot([reader], [], { env });
      assert.deepEqual(seen, { cooldownSeconds: 7, mode: 'fast' });
      assert.ok(Object.isFrozen(seen));
    });

    it('an error that names every bad variable', async () => {
      const config = z.object({ cooldownSeconds: z.coerce.number(), mode: z.string() });
      await assert.rejects(
        boot([pluginOf('shop', { config })], [], { env: { CADASTRE_SHOP_COOLDOWN_SECONDS: 'soon' } }),
        /CADASTRE_SHOP_COOLDOWN_SECONDS: .*number.*CADASTRE_SHOP_MODE: /,
      );
    });

    it('no word for an event that it does not declare', async () => {
      type Emit = { emit(tx: unknown, name: string, payload: unknown): Promise<void> };
      const one = pluginOf('one', { setup: (ctx: Emit) => ctx });
      const host = await boot([one]);
      await assert.rejects(
        (host.api(one) as Emit).emit({}, 'x.y', {}),
        /one does not declare the event x\.y/,
      );
    });
  });

  it('stops the boot where a built-in plugin fails', async () => {
    const setup = () => {
      throw new Error('broken');
    };
    await assert.rejects(
      boot([pluginOf('core-part', { setup })]),
      /^Error: The plugin core-part is failed: set-up: broken$/,
    );
  });

  it('waits for a built-in migration as long as it takes, but not for a third party', async () => {
    const fixture = new URL('../testing/fixtures/migrations-slow/', import.meta.url);
    const own = await testDatabase();
    const ownDb = openDatabase({ url: own.url });
    const slow = pluginOf('slow', { migrations: fixture });
    const host = await boot([slow], [], { db: ownDb, phaseTimeout: 100 });
    assert.equal(fatesIn(host).slow, 'running');
    await ownDb.query('DELETE FROM schema_migration WHERE name LIKE $1', ['slow/%']);
    const other = await boot([], [slow], { db: ownDb, phaseTimeout: 100 });
    assert.match(fatesIn(other).slow ?? '', /migrations: it took over 100 ms/);
    await ownDb.close();
    await own.drop();
  });

  it('with MIGRATE=off refuses to start behind its migrations, and changes nothing', async () => {
    const own = await testDatabase();
    const ownDb = openDatabase({ url: own.url });
    await assert.rejects(
      boot([books], [], { db: ownDb, migrate: 'off' }),
      /behind by 1 migrations \(books\/2026-01-01-books\).*cadastre migrate/,
    );
    assert.deepEqual(await ownDb.query("SELECT to_regclass('book') AS there"), [{ there: null }]);
    const host = await boot([], [books], { db: ownDb, migrate: 'off' });
    assert.match(fatesIn(host).books ?? '', /^failed: migrations: .*behind by 1/);
    await boot([books], [], { db: ownDb });
    assert.equal(fatesIn(await boot([books], [], { db: ownDb, migrate: 'off' })).books, 'running');
    await ownDb.close();
    await own.drop();
  });

  it('freezes the registry, all the way down', async () => {
    const { registry } = await boot([
      pluginOf('one', {
        models: { Book },
        permissions: { 'a:b': { label: '', roles: [] } },
        routes: () => [route({ ...open, path: '/a' })],
      }),
    ]);
    const changes: (() => unknown)[] = [
      () => (registry.routes as unknown[]).push(1),
      () => (registry.models as unknown[]).pop(),
      () => Object.assign(registry.models[0] as object, { owner: 'me' }),
      () => Object.assign(registry.plugins[0] as object, { state: 'failed' }),
      () => (registry.permissions as Map<string, unknown>).set('c:d', {}),
      () => (registry.permissions as Map<string, unknown>).delete('a:b'),
      () => (registry.errors as unknown[]).pop(),
      () => Object.assign(registry.routes[0] as object, { permission: 'public' }),
      () => Object.assign(registry, { routes: [] }),
    ];
    for (const change of changes) assert.throws(change, TypeError);
  });

  it('registers nothing once it is booted', async () => {
    type Late = {
      on(n: string, h: unknown): void;
      subscribe(n: string, s: string, d: unknown): void;
      extend(p: unknown, v: unknown): void;
    };
    const one = pluginOf('one', { events: { 'a.b': z.object({}) }, setup: (ctx: Late) => ctx });
    const ctx = (await boot([one])).api(one) as Late;
    assert.throws(() => ctx.on('a.b', async () => undefined), /on is possible during set-up only/);
    assert.throws(() => ctx.subscribe('a.b', 's', async () => undefined), /subscribe is possible/);
    assert.throws(() => ctx.extend(extensionPoint('x'), 1), /extend is possible/);
  });

  it('keeps two hosts in one process apart', async () => {
    const registers = await Promise.all([startTestRegister([books]), startTestRegister([books])]);
    const [left, right] = registers;
    const model = ({ host }: (typeof registers)[0]) =>
      host.registry.models[0]?.model as unknown as { count(): Promise<number> };
    let heard = 0;
    left.host.events.hook('test', 'book.added', async () => {
      heard += 1;
    });
    await right.host.transact(testCaller(), (tx) => right.host.events.emit(tx, 'book.added', { title: 'x' }));
    await left.as('engineer').post('/books', { title: 'Emma' });
    assert.deepEqual([await model(left).count(), await model(right).count(), heard], [1, 0, 1]);
    await Promise.all(registers.map((register) => register.stop()));
  });
});
