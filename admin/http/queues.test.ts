import assert from 'node:assert/strict';
import { openTestBoard, startTestRedis, type TestRedis } from '#core/testing';
import { type ServedPanel, servePanel } from '../testing/panel.ts';
import { circuits } from '../testing/throwaway.ts';

describe('Bull’s board at /admin/queues', () => {
  let redis: TestRedis;
  let board: Awaited<ReturnType<typeof openTestBoard>>;
  let panel: ServedPanel;
  before(async () => {
    redis = await startTestRedis();
    board = await openTestBoard(redis.url, 'errands.errand');
    panel = await servePanel([circuits], { queueBoard: board.queueBoard });
  });
  after(async () => {
    await panel.register.stop();
    await board.close();
    await redis.stop();
  });

  it('shows admins the queues, by its own files alone', async () => {
    const admin = await panel.signedIn('admin');
    const page = await admin.get('/admin/queues').expect(200);
    assert.match(page.text, /<base href="\/admin\/queues\/"/);
    assert.doesNotMatch(page.text, /https?:/);
    assert.match(String(page.headers['content-security-policy']), /script-src 'self';/);
    assert.equal(page.headers['x-powered-by'], undefined);
    const [script] = /static\/js\/main\.\w+\.js/.exec(page.text) ?? [];
    await admin.get(`/admin/queues/${script}`).expect(200);
    const { body } = await admin.get('/admin/queues/api/queues').expect(200);
    assert.deepEqual(
      body.queues.map(({ name, counts, readOnlyMode }: Record<string, unknown>) => [
        name,
        (counts as { waiting: number }).waiting,
        readOnlyMode,
      ]),
      [['errands.errand', 1, true]],
    );
  });

  it('changes nothing: what becomes of a run is decided at /jobs', async () => {
    const admin = await panel.signedIn('admin');
    await admin.agent
      .put('/admin/queues/api/queues/errands.errand/clean/completed')
      .set('Origin', panel.register.url)
      .expect(405);
    await admin.agent.put('/admin/queues/api/queues/errands.errand/clean/completed').expect(403);
  });

  it('is for admins', async () => {
    await panel.browser().get('/admin/queues').expect(303).expect('Location', '/admin/login');
    for (const role of ['engineer', 'viewer'] as const) {
      const user = await panel.signedIn(role);
      await user.get('/admin/queues').expect(403);
      await user.get('/admin/queues/api/queues').expect(403);
    }
  });

  it('is not there without a Redis', async () => {
    const other = await servePanel([circuits]);
    const admin = await other.signedIn('admin');
    await admin.get('/admin/queues').expect(404);
    await other.register.stop();
  });
});
