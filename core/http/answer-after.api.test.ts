import assert from 'node:assert/strict';
import { z } from 'zod';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { definePlugin } from '../plugin/define.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import type { PanelKernel } from './panel.ts';
import { route } from './route.ts';

describe('an answer that waits for something', () => {
  let register: TestRegister;
  let kernel: PanelKernel;
  let slow = Promise.withResolvers<void>();
  let handled = Promise.withResolvers<void>();

  const writer = definePlugin({
    name: 'writer',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Answers when the ink is dry.',
    permissions: { 'ink:write': { label: 'Write', roles: ['engineer'] } },
    setup: () => undefined,
    routes: () => [
      route({
        method: 'post',
        path: '/ink',
        summary: 'Write',
        permission: 'ink:write',
        returns: z.object({ word: z.string() }),
        status: 201,
        handler: async ({ answerAfter, setHeader }) => {
          answerAfter(slow.promise);
          answerAfter(Promise.resolve());
          setHeader('X-Ink', 'blue');
          handled.resolve();
          return { word: 'dry' };
        },
      }),
    ],
  });

  before(async () => {
    register = await startTestRegister([writer], {
      panel: (of) => {
        kernel = of;
        return { path: '/admin', handler: (_req, res) => void res.end(), stop: async () => undefined };
      },
    });
  });
  after(() => register.stop());
  beforeEach(() => {
    slow = Promise.withResolvers();
    handled = Promise.withResolvers();
  });

  const write = () => register.as('engineer').post('/ink', {});

  it('is sent when that is done, and not before', async () => {
    let sent = false;
    const answer = write().then((response) => {
      sent = true;
      return response;
    });
    await handled.promise;
    // Others are answered meanwhile.
    assert.equal((await register.anonymous.post('/ink', {})).status, 401);
    assert.equal(sent, false);
    slow.resolve();
    const { status, body, headers } = await answer;
    assert.deepEqual([status, body, headers['x-ink']], [201, { word: 'dry' }, 'blue']);
  });

  it('is never sent where that fails: the fault is the answer', async () => {
    const answer = write();
    await handled.promise;
    slow.reject(kernelErrors.unavailable('The ink has run out.'));
    const { status, body, headers } = await answer;
    assert.deepEqual([status, body.detail, headers['x-ink']], [503, 'The ink has run out.', undefined]);
  });

  it('waits in the panel, too', async () => {
    const ink = kernel.registry.routes.find(({ path }) => path === '/ink');
    assert.ok(ink);
    const principal = { id: 5, kind: 'user', name: 'ada', role: 'engineer' } as const;
    const call = () =>
      kernel.invoke({ route: ink, principal, body: {}, requestId: 'r-1', address: undefined });
    slow.resolve();
    assert.deepEqual(await call(), { word: 'dry' });
    slow = Promise.withResolvers();
    const refused = call();
    slow.reject(kernelErrors.unavailable('The ink has run out.'));
    await assert.rejects(refused, { status: 503 });
  });
});
