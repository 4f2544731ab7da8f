import assert from 'node:assert/strict';
import { z } from 'zod';
import { definePlugin } from '../plugin/define.ts';
import { startTestRegister, type TestRegister } from '../testing/index.ts';
import { job } from './job.ts';

const errands = definePlugin({
  name: 'errands',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Runs errands.',
  setup(ctx) {
    const fetch = job({
      name: 'fetch',
      data: z.object({ what: z.string() }),
      retry: { attempts: 1 },
      run: async ({ data, progress }) => {
        progress(1, 2);
        if (data.what === 'trouble') throw new Error('at postgres://me:secret@host/db');
        progress(2);
      },
    });
    const clean = job({ name: 'clean', data: z.object({}), run: async () => undefined });
    return {
      jobs: [fetch, clean],
      fetch: (what: string, options = {}) => ctx.jobs.enqueue(undefined, fetch, { what }, options),
      clean: () => ctx.jobs.enqueue(undefined, clean, {}),
    };
  },
  jobs: (api) => api.jobs,
});

describe('/api/v1/jobs', () => {
  let register: TestRegister;
  before(async () => {
    register = await startTestRegister([errands]);
  });
  after(() => register.stop());
  beforeEach(() => register.db.query('DELETE FROM job_run'));

  const api = () => register.host.api(errands);
  const admin = () => register.as('admin');
  const idsOf = (body: { items: { id: number }[] }) => body.items.map(({ id }) => id);

  it('lists runs of every plugin, the newest first, by job, queue, plugin, state and time', async () => {
    const { id: milk } = await api().fetch('milk', { priority: 9 });
    await register.runQueued();
    const { id: trouble } = await api().fetch('trouble');
    await register.runQueued();
    const { id: clean } = await api().clean();
    const ids = async (query: string) => {
      const { status, body } = await register.as('engineer').get(`/jobs?${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      return idsOf(body);
    };
    assert.deepEqual(await ids(''), [clean, trouble, milk]);
    assert.deepEqual(await ids('name=errands.fetch'), [trouble, milk]);
    assert.deepEqual(await ids('queue=errands.clean'), [clean]);
    assert.deepEqual(await ids('plugin=errands&state=failed'), [trouble]);
    assert.deepEqual(await ids('state=queued&state=done'), [clean, milk]);
    assert.deepEqual(await ids('priority__gte=5'), [milk]);
    assert.deepEqual(await ids('finishedAt__gte=2100-01-01T00:00:00Z'), []);
    const page = await admin().get('/jobs?limit=2&count=exact&fields=id,state');
    assert.deepEqual(page.body.items, [
      { id: clean, state: 'queued' },
      { id: trouble, state: 'failed' },
    ]);
    assert.equal(page.body.total, 3);
    assert.deepEqual(idsOf((await admin().get(`/jobs?limit=2&cursor=${page.body.nextCursor}`)).body), [milk]);
    assert.equal((await admin().get('/jobs?state=dead')).status, 422);
  });

  it('shows what became of one, without the secrets that its error may hold', async () => {
    const { id } = await api().fetch('trouble', { dedupe: 'one' });
    await register.runQueued();
    const { status, body } = await admin().get(`/jobs/${id}`);
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, {
      id,
      name: 'errands.fetch',
      plugin: 'errands',
      state: 'failed',
      priority: 0,
      progress: { done: 1, total: 2 },
      attempts: 1,
      data: { what: 'trouble' },
      dedupeKey: 'one',
      actor: 'plugin:errands',
      cancelRequestedAt: null,
    });
    assert.match(body.error, /^Error: at postgres:/);
    assert.doesNotMatch(body.error, /secret/);
    assert.equal((await admin().get('/jobs/999999')).status, 404);
  });

  it('retries what failed or was cancelled, and nothing else', async () => {
    const { id } = await api().fetch('trouble');
    const early = await admin().post(`/jobs/${id}/retry`);
    assert.equal(early.status, 409);
    assert.match(early.body.detail, /is queued; one that failed or was cancelled can be retried/);
    await register.runQueued();
    const retried = await admin().post(`/jobs/${id}/retry`);
    assert.deepEqual([retried.status, retried.body.state, retried.body.finishedAt], [202, 'queued', null]);
    await register.runQueued();
    assert.partialDeepStrictEqual((await admin().get(`/jobs/${id}`)).body, { state: 'failed', attempts: 2 });
    assert.equal((await admin().post('/jobs/999999/retry')).status, 404);
  });

  it('does not retry beside another run of the same key', async () => {
    const { id } = await api().fetch('trouble', { dedupe: 'one' });
    await register.runQueued();
    await api().fetch('milk', { dedupe: 'one' });
    const { status, body } = await admin().post(`/jobs/${id}/retry`);
    assert.equal(status, 409);
    assert.match(body.detail, /same dedupe key/);
  });

  it('cancels what waits, and says so of what has ended', async () => {
    const { id } = await api().fetch('milk');
    const { status, body } = await admin().delete(`/jobs/${id}`);
    assert.deepEqual([status, body.state], [202, 'cancelled']);
    assert.deepEqual(await register.runQueued(), []);
    const again = await admin().delete(`/jobs/${id}`);
    assert.equal(again.status, 409);
    assert.match(again.body.detail, /has ended already: it is cancelled/);
    assert.equal((await admin().delete('/jobs/999999')).status, 404);
  });

  it('is for admins to change, and not for viewers to see', async () => {
    const { id } = await api().fetch('milk');
    assert.equal((await register.as('viewer').get('/jobs')).status, 403);
    const refused = await register.as('engineer').delete(`/jobs/${id}`);
    assert.deepEqual([refused.status, refused.body.permission], [403, 'jobs:write']);
  });

  it('fails what its job does not take any more, without trying again', async () => {
    const { id } = await api().fetch('milk');
    await register.db.query("UPDATE job_run SET data = '{}', most_failures = 5");
    await register.runQueued();
    assert.partialDeepStrictEqual((await admin().get(`/jobs/${id}`)).body, { state: 'failed', attempts: 1 });
  });

  it('forgets what ended a week ago, and what failed a month ago', async () => {
    for (const [state, days] of [
      ['done', 6],
      ['done', 8],
      ['cancelled', 8],
      ['failed', 8],
      ['failed', 31],
    ] as const) {
      await register.db.query(
        `INSERT INTO job_run (name, state, actor, change_id, data, finished_at)
          VALUES ('errands.fetch', $1, 'test', gen_random_uuid(), $2, now() - $3 * interval '1 day')`,
        [state, { what: `${state} ${days}` }, days],
      );
    }
    await register.runJob('kernel.purge-job-runs');
    const { body } = await admin().get('/jobs');
    assert.deepEqual(
      body.items.map(({ data }: { data: { what: string } }) => data.what),
      ['failed 8', 'done 6'],
    );
  });

  it('is measured: what waits and has failed, and what was done', async () => {
    await api().fetch('milk');
    await api().fetch('trouble');
    await register.runQueued();
    await api().fetch('later', { delay: 60_000 });
    const text = await (await fetch(`${register.url}/metrics`)).text();
    for (const line of [
      'cadastre_jobs_queued{job="errands.fetch"} 1',
      'cadastre_jobs_failed{job="errands.fetch"} 1',
      'cadastre_jobs_oldest_seconds{job="errands.fetch"} 0',
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.match(text, /cadastre_job_runs_total\{job="errands.fetch",result="failed"\} [1-9]/);
    assert.match(text, /cadastre_job_seconds_total\{job="errands.fetch"\} \d/);
  });
});
