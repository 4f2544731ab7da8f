import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startTestRedis, type TestRedis } from '#core/testing';
import { type PanelBrowser, type ServedPanel, servePanel } from '../testing/panel.ts';

import { circuits } from '../testing/throwaway.ts';

describe('sessions in Redis', () => {
  let redis: TestRedis;
  let panel: ServedPanel;
  let user: PanelBrowser;
  before(async () => {
    redis = await startTestRedis();
    panel = await servePanel([circuits], { redisUrl: redis.url });
    user = await panel.signedIn('engineer');
  });
  after(async () => {
    await panel.register.stop();
    await redis.stop();
  });

  it('are kept there and not in PostgreSQL, for as long as they live', async () => {
    await user.get('/admin/api/dashboard').expect(200);
    const client = new Redis(redis.url);
    const keys = await client.keys('{cadastre}:session:*');
    assert.equal(keys.length, 1);
    const seconds = await client.ttl(String(keys[0]));
    client.disconnect();
    assert.ok(seconds > 28_000 && seconds <= 28_800, String(seconds));
    assert.deepEqual(await panel.register.db.query('SELECT FROM panel_session'), []);
  });

  it('end at sign-out', async () => {
    const leaving = await panel.signedIn('viewer');
    await leaving.post('/admin/logout').expect(303);
    await leaving.get('/admin/api/dashboard').expect(401);
  });

  it('are asked for again once Redis is back; until then the panel is 503, and the API serves', async () => {
    await redis.kill();
    await user.get('/admin/api/dashboard').expect(503);
    assert.equal((await panel.register.as('viewer').get('/plugins')).status, 200);
    await redis.start();
    for (let tries = 0; tries < 50; tries += 1) {
      if ((await user.get('/admin/api/dashboard')).status === 401) return;
      await sleep(100);
    }
    assert.fail('The panel did not find Redis again.');
  });
});
