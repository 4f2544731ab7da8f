import assert from 'node:assert/strict';
import { openTestBoard, startTestRedis, testPassword } from '#core/testing';
import { openBrowser } from '../testing/browser.ts';
import { servePanel } from '../testing/panel.ts';
import { circuits } from '../testing/throwaway.ts';

describe('Bull’s board in a browser', () => {
  it('is drawn, asks no other host and breaks no policy', async () => {
    const redis = await startTestRedis();
    const board = await openTestBoard(redis.url, 'errands.errand');
    const { register } = await servePanel([circuits], { queueBoard: board.queueBoard });
    const { page, troubles, close } = await openBrowser(register.url);
    try {
      await page.goto(`${register.url}/admin/login`);
      const form = { email: 'admin@test.local', password: testPassword };
      await page.evaluate(async (fields) => {
        await fetch('/admin/login', { method: 'POST', body: new URLSearchParams(fields) });
      }, form);
      troubles.length = 0;
      await page.goto(`${register.url}/admin/queues`);
      await page.getByText('errands.errand').first().waitFor();
      assert.deepEqual(troubles, []);
      if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });
    } finally {
      await close();
      await register.stop();
      await board.close();
      await redis.stop();
    }
  });
});
