import assert from 'node:assert/strict';
import { pluginOf } from '../testing/hosts.ts';
import { startTestRegister } from '../testing/index.ts';
import { kernelVersion } from './define.ts';

describe('GET /api/v1/plugins', () => {
  let well = true;
  const frail = pluginOf('frail', {
    health: () => ({
      queue: async () => {
        if (!well) throw new Error('no answer');
      },
      disk: async () => undefined,
    }),
  });
  const confused = pluginOf('confused', {
    health: () => {
      throw new Error('cannot even list them');
    },
  });
  const old = pluginOf('old', { engine: '^0.9.0', version: '3.2.1' });

  it('tells what runs, what is degraded, what was set aside, and why', async () => {
    const register = await startTestRegister([frail], {
      external: [confused, old],
      unloadable: [{ name: './plug.js', why: 'there is no such file' }],
    });
    const list = async () => {
      const { status, body } = await register.as('viewer').get('/plugins');
      assert.equal(status, 200);
      const items = body.items as { name: string; state: string; why: string | null; builtIn: boolean }[];
      return items.filter(({ name }) => name !== 'test-principals');
    };
    assert.deepEqual(
      (await list()).map(({ name, state, why, builtIn }) => [name, state, why, builtIn]),
      [
        ['frail', 'running', null, true],
        ['confused', 'degraded', 'health: cannot even list them', false],
        ['old', 'incompatible', `it was made for kernel ^0.9.0, this is ${kernelVersion}`, false],
        ['./plug.js', 'failed', 'there is no such file', false],
      ],
    );
    assert.equal(
      (await fetch(`${register.url}/health/ready`)).status,
      200,
      'a third party does not take us down',
    );
    well = false;
    assert.partialDeepStrictEqual((await list())[0], { state: 'degraded', why: 'queue: no answer' });
    const ready = await fetch(`${register.url}/health/ready`);
    assert.equal(ready.status, 503);
    assert.partialDeepStrictEqual(await ready.json(), {
      checks: { 'frail.queue': 'no answer', 'frail.disk': 'ok' },
    });
    well = true;
    assert.equal((await list())[0]?.state, 'running');
    assert.equal((await register.anonymous.get('/plugins')).status, 401);
    await register.stop();
  });
});
