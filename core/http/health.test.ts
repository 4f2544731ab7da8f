import assert from 'node:assert/strict';
import express from 'express';
import supertest from 'supertest';
import { createHealth } from './health.ts';

describe('health', () => {
  let stopping = false;
  let checks: Record<string, () => Promise<void>> = {};
  let asides: Record<string, () => Promise<void>> = {};
  const app = express().use(
    '/health',
    createHealth(
      () => checks,
      () => asides,
      () => stopping,
    ),
  );
  const ready = () => supertest(app).get('/health/ready');

  beforeEach(() => {
    stopping = false;
    checks = { database: async () => undefined };
    asides = {};
  });

  it('is live at once, whatever the checks say', async () => {
    checks = { database: () => Promise.reject(new Error('away')) };
    assert.deepEqual((await supertest(app).get('/health/live')).body, { status: 'live' });
  });

  it('is ready where every check passes', async () => {
    const { status, body } = await ready();
    assert.deepEqual([status, body], [200, { status: 'ready', checks: { database: 'ok' } }]);
  });

  it('is ready, and tells so, where something fails without which it still serves', async () => {
    asides = { queue: () => Promise.reject(new Error('Redis does not answer')) };
    const { status, body } = await ready();
    assert.equal(status, 200);
    assert.deepEqual(body.checks, { database: 'ok', queue: 'Redis does not answer' });
  });

  it('is not ready where one fails, and says which and why', async () => {
    checks.queue = async () => {
      throw new Error('no answer');
    };
    checks.hasty = () => {
      throw new Error('threw at once');
    };
    const { status, body, headers } = await ready();
    assert.deepEqual(
      [status, body],
      [503, { status: 'not ready', checks: { database: 'ok', queue: 'no answer', hasty: 'threw at once' } }],
    );
    assert.equal(headers['retry-after'], '2');
  });

  it('does not wait for a check that hangs', async () => {
    checks.hanging = () => new Promise(() => undefined);
    assert.equal((await ready()).body.checks.hanging, 'no answer within 2 s');
  });

  it('is not ready while stopping, however well it feels', async () => {
    stopping = true;
    const { status, body } = await ready();
    assert.deepEqual([status, body.status], [503, 'stopping']);
  });
});
