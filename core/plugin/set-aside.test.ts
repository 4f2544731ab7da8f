import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineErrors } from '../errors/problem.ts';
import { books } from '../testing/fixtures/books.ts';
import { fatesIn, Hosts, pluginOf } from '../testing/hosts.ts';
import { startTestRegister } from '../testing/index.ts';
import { kernelVersion } from './define.ts';
import { extensionPoint } from './extension.ts';
import type { HostOptions } from './host.ts';

describe('the host', () => {
  const hosts = new Hosts();
  const { boot } = hosts;
  before(hosts.open);
  after(hosts.close);

  describe('sets an external plugin aside, and all else serves,', () => {
    const sound = pluginOf('sound', { setup: () => 'well' });
    const setAside = async (parts: object, options: Partial<HostOptions> = {}) => {
      const host = await boot([sound], [pluginOf('bad', parts)], options);
      assert.equal(host.api(sound), 'well');
      assert.throws(() => host.api(pluginOf('bad')), /bad is not running/);
      return fatesIn(host).bad;
    };
    const broken = () => {
      throw new Error('broken');
    };

    it('that was made for another kernel', async () => {
      assert.equal(
        await setAside({ engine: '^2.0.0' }),
        `incompatible: it was made for kernel ^2.0.0, this is ${kernelVersion}`,
      );
      assert.match((await setAside({ engine: 'new' })) ?? '', /incompatible: .*not a semver range/);
    });

    it('that takes a name another has', async () => {
      const host = await boot([sound], [pluginOf('sound', { summary: 'The second.' })]);
      assert.equal(host.api(sound), 'well');
      assert.deepEqual(
        host.registry.plugins.map(({ name, state }) => [name, state]),
        [
          ['sound', 'running'],
          ['sound', 'failed'],
        ],
      );
    });

    it('that fails in any phase, with the phase and the reason', async () => {
      const config = z.object({ key: z.string() });
      assert.match((await setAside({ config })) ?? '', /^failed: settings: .*CADASTRE_BAD_KEY/);
      assert.match(
        (await setAside({ migrations: new URL('file:///nowhere/') })) ?? '',
        /^failed: migrations: /,
      );
      assert.equal(await setAside({ setup: broken }), 'failed: set-up: broken');
      assert.equal(await setAside({ routes: broken }), 'failed: routes: broken');
      assert.match((await setAside({ setup: undefined })) ?? '', /^failed: set-up: .*not a function/);
      assert.match((await setAside({ version: 'one' })) ?? '', /^failed: check: .*not semver/);
      const nothing = () => {
        throw undefined;
      };
      assert.equal(await setAside({ setup: nothing }), 'failed: set-up: undefined');
    });

    it('that takes too long, and does not let it in later', async () => {
      const point = extensionPoint<string>('test.point');
      let late: unknown;
      const setup = async (ctx: { extend(p: unknown, v: string): void }) => {
        ctx.extend(point, 'early');
        await sleep(200);
        try {
          ctx.extend(point, 'late');
        } catch (fault) {
          late = fault;
        }
      };
      // Still being set up when the other wakes up too late.
      const patient = pluginOf('patient', { setup: () => sleep(130) });
      const host = await boot([sound], [pluginOf('bad', { setup }), patient], { phaseTimeout: 150 });
      assert.equal(fatesIn(host).bad, 'failed: set-up: it took over 150 ms');
      assert.equal(fatesIn(host).patient, 'running');
      assert.match(String(late), /bad: extend is possible during set-up only/);
      assert.deepEqual(host.extensions(point), []);
    });

    it('and those that require it', async () => {
      const bad = pluginOf('bad', { setup: broken });
      const worse = pluginOf('worse', { requires: [bad] });
      const host = await boot([sound], [pluginOf('worst', { requires: [worse] }), worse, bad]);
      assert.deepEqual(fatesIn(host), {
        sound: 'running',
        worst: 'failed: it requires worse, which cannot run',
        worse: 'failed: it requires bad, which cannot run',
        bad: 'failed: set-up: broken',
      });
    });

    it('also where what it requires is incompatible, in any order of the list', async () => {
      const old = pluginOf('old', { engine: '^0.1.0' });
      const user = pluginOf('user', { requires: [old] });
      const host = await boot([sound], [pluginOf('last', { requires: [user] }), user, old]);
      assert.deepEqual(
        Object.keys(fatesIn(host)).filter((name) => fatesIn(host)[name] === 'running'),
        ['sound'],
      );
    });

    it('and takes back what it had hooked, so that its fault breaks no one else', async () => {
      const bad = pluginOf('bad', {
        requires: [books],
        permissions: { 'bad:do': { label: '', roles: [] } },
        setup: (ctx: { on(name: string, hook: () => Promise<void>): void }) =>
          ctx.on('book.added', async () => broken()),
        routes: broken,
      });
      const register = await startTestRegister([books], { external: [bad] });
      assert.equal((await register.as('engineer').post('/books', { title: 'Emma' })).status, 201);
      assert.equal(register.host.registry.permissions.has('bad:do'), false);
      await register.stop();
    });

    it('leaves its names to others', async () => {
      const parts = { permissions: { 'a:b': { label: '', roles: [] } } };
      const errors = defineErrors({ x: { code: 'conflict', status: 409, title: 'X' } });
      const host = await boot([], [pluginOf('bad', { ...parts, errors }), pluginOf('good', parts)]);
      assert.match(fatesIn(host).bad ?? '', /"conflict" is claimed by both kernel and bad/);
      assert.equal(fatesIn(host).good, 'running');
    });

    it('unless it is told to be strict', async () => {
      await assert.rejects(
        setAside({ setup: broken }, { strict: true }),
        /The plugin bad is failed: set-up: broken/,
      );
      await assert.rejects(
        setAside({ engine: '^2.0.0' }, { strict: true }),
        /^Error: The plugin bad is incompatible: it was made for kernel/,
      );
    });
  });
});
