import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createIssueToken } from '../auth/tokens.ts';
import { definePlugin } from '../plugin/define.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { stream } from './route.ts';

describe('a stream of events', () => {
  let register: TestRegister;
  let ended = 0;

  async function* counting(upTo: number) {
    try {
      for (let at = 1; at <= upTo; at += 1) {
        yield { at };
        yield undefined;
        await sleep(5);
      }
    } finally {
      ended += 1;
    }
  }

  /** Has no news, for ever. */
  async function* waiting() {
    try {
      for (;;) {
        yield undefined;
        await sleep(5);
      }
    } finally {
      ended += 1;
    }
  }

  const counter = definePlugin({
    name: 'counter',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Counts.',
    permissions: { 'counter:read': { label: 'Count', roles: ['viewer'] } },
    setup: () => undefined,
    routes: () => [
      stream({
        path: '/count',
        summary: 'Count',
        permission: 'counter:read',
        query: z.strictObject({ to: z.coerce.number().int().min(1) }),
        event: z.object({ at: z.int() }),
        handler: async ({ query }) => counting(query.to),
      }),
      stream({
        path: '/silence',
        summary: 'Wait',
        permission: 'counter:read',
        event: z.object({ at: z.int() }),
        handler: async () => waiting(),
      }),
    ],
  });

  before(async () => {
    register = await startTestRegister([counter]);
  });
  after(() => register.stop());

  it('is sent as it comes, numbered, and ends with the events', async () => {
    const { status, headers, text } = await register.as('viewer').get('/count?to=2');
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^text\/event-stream/);
    assert.equal(text, 'id: 1\ndata: {"at":1}\n\nid: 2\ndata: {"at":2}\n\n');
  });

  it('is refused as any request is, before the first event', async () => {
    assert.equal((await register.as('viewer').get('/count?to=0')).status, 422);
    assert.equal((await register.as('admin').get('/count?to=1')).status, 200);
    assert.equal((await register.anonymous.get('/count?to=1')).status, 401);
  });

  for (const [what, path] of [
    ['', '/count?to=100000'],
    [', also where there is nothing to tell', '/silence'],
  ]) {
    it(`is ended when the client goes away${what}`, async () => {
      const before = ended;
      const token = createIssueToken(register.tokenKey)('test:viewer', { role: 'viewer' }, 60);
      const leaving = new AbortController();
      const response = await fetch(`${register.url}/api/v1${path}`, {
        headers: { Authorization: `Bearer ${token}` },
        signal: leaving.signal,
      });
      assert.equal(response.status, 200);
      leaving.abort();
      for (let tries = 0; ended === before && tries < 100; tries += 1) await sleep(20);
      assert.equal(ended, before + 1);
    });
  }
});
