import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { definePlugin } from '../plugin/define.ts';
import type { Host } from '../plugin/host.ts';
import { drivers, QueueBench, until } from '../testing/queues.ts';
import { testCaller } from '../testing/register.ts';
import { job, type QueuedDefinition, type QueuedRun } from './job.ts';

const errandData = z.object({ what: z.string().default('anything') });
type Errand = z.output<typeof errandData>;
type Run = (run: QueuedRun<Errand>) => Promise<unknown>;

/** A plugin with one job, and what enqueues it, as any plugin would write them. */
function errandsOf(run: Run, parts: Partial<QueuedDefinition<typeof errandData>> = {}) {
  return definePlugin({
    name: 'errands',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'Runs errands.',
    setup(ctx) {
      const errand = job({ name: 'errand', data: errandData, run, ...parts });
      return {
        jobs: [errand],
        transact: ctx.transact,
        find: ctx.jobs.find,
        cancel: ctx.jobs.cancel,
        enqueue: (what: string, options = {}) => ctx.jobs.enqueue(undefined, errand, { what }, options),
        enqueueOther: () => ctx.jobs.enqueue(undefined, job({ name: 'other', data: errandData, run }), {}),
        within: (tx: Parameters<typeof ctx.jobs.enqueue>[0], what: string) =>
          ctx.jobs.enqueue(tx, errand, { what }),
      };
    },
    jobs: (api) => api.jobs,
  });
}

type Errands = ReturnType<typeof errandsOf>;
const apiOf = (host: Host, errands: Errands) => host.api(errands);

for (const driver of drivers) {
  describe(`jobs on ${driver}`, function () {
    this.timeout(30_000);
    const bench = new QueueBench(driver);
    before(bench.open);
    after(bench.close);
    afterEach(bench.clear);

    const states = async () =>
      (await bench.owner.query<{ state: string }>('SELECT state FROM job_run ORDER BY id')).map(
        ({ state }) => state,
      );
    const allAre = (state: string) => async () => {
      const all = await states();
      return all.length > 0 && all.every((each) => each === state);
    };

    /** One process that works, unless told, on errands of this kind. */
    async function start(run: Run, parts: Partial<QueuedDefinition<typeof errandData>> = {}, working = true) {
      const errands = errandsOf(run, parts);
      const process = await bench.start([errands], { working });
      return { ...process, errands, api: apiOf(process.host, errands) };
    }

    it('runs what was enqueued, in the name of the job, and keeps what became of it', async () => {
      const runs: QueuedRun<Errand>[] = [];
      const { api } = await start(async (run) => runs.push(run));
      const { id, created } = await api.enqueue('milk');
      assert.equal(created, true);
      await until(allAre('done'));
      const [run] = runs;
      assert.deepEqual([runs.length, run?.id, run?.attempt, run?.data], [1, id, 1, { what: 'milk' }]);
      const row = await api.find(id);
      assert.partialDeepStrictEqual(row, {
        name: 'errands.errand',
        plugin: 'errands',
        actor: 'plugin:errands',
        changeId: run?.caller.changeId,
        attempts: 1,
        error: null,
        data: { what: 'milk' },
      });
      assert.equal(run?.caller.actor, 'job:errands.errand');
      assert.ok(row?.startedAt && row.finishedAt && row.startedAt <= row.finishedAt);
    });

    it('refuses data that the job does not take, and a job that the plugin has not brought', async () => {
      const { api } = await start(async () => undefined);
      await assert.rejects(api.enqueue(7 as never), /expected string/);
      await assert.rejects(api.enqueueOther(), /errands: "other" is not among its running jobs/);
      assert.deepEqual(await states(), []);
    });

    it('begins once the transaction that enqueued has committed, and never where it did not', async () => {
      const seen: string[] = [];
      const { api } = await start(async ({ data }) => seen.push(data.what));
      const caller = testCaller('user:7');
      await assert.rejects(
        api.transact(caller, async (tx) => {
          await api.within(tx, 'undone');
          throw new Error('never mind');
        }),
      );
      await api.transact(caller, (tx) => api.within(tx, 'tried'), { dryRun: true });
      await api.transact(caller, async (tx) => {
        await api.within(tx, 'kept');
        await sleep(200);
        assert.deepEqual(seen, [], 'not before the commit');
      });
      await until(allAre('done'));
      assert.deepEqual(seen, ['kept']);
      const [row] = await bench.owner.query<{ actor: string }>('SELECT actor FROM job_run');
      assert.equal(row?.actor, 'user:7');
    });

    it('takes what is more urgent first, and of equals the first', async () => {
      const order: string[] = [];
      const { api } = await start(async ({ data }) => {
        await sleep(data.what === 'first' ? 400 : 0);
        order.push(data.what);
      });
      await api.enqueue('first');
      await until(async () => (await states())[0] === 'running');
      for (const [what, priority] of [
        ['low 1', 0],
        ['low 2', 0],
        ['high 1', 90],
        ['middle', 50],
        ['high 2', 90],
      ] as const) {
        await api.enqueue(what, { priority });
        // So that also the queue gets them in this order, one by one.
        await until(async () => {
          const [left] = await bench.owner.query(
            "SELECT 1 FROM job_run WHERE state = 'queued' AND handed_at IS NULL",
          );
          return left === undefined;
        });
      }
      await until(allAre('done'));
      assert.deepEqual(order, ['first', 'high 1', 'high 2', 'middle', 'low 1', 'low 2']);
    });

    it('works on as many at once as the job says, and no more', async () => {
      let now = 0;
      let most = 0;
      const { api } = await start(
        async () => {
          now += 1;
          most = Math.max(most, now);
          await sleep(60);
          now -= 1;
        },
        { concurrency: 3 },
      );
      for (let nth = 0; nth < 9; nth += 1) await api.enqueue(`${nth}`);
      await until(allAre('done'));
      assert.equal(most, 3);
    });

    it('works on no more runs of a plugin at once than it says, whichever job they are of', async () => {
      let now = 0;
      let most = 0;
      const run = async () => {
        now += 1;
        most = Math.max(most, now);
        await sleep(40);
        now -= 1;
      };
      const crowded = definePlugin({
        name: 'crowded',
        version: '1.0.0',
        engine: '^1.0.0',
        summary: 'Has much to do.',
        concurrency: 3,
        setup(ctx) {
          const jobs = ['a', 'b', 'c'].map((name) => job({ name, data: z.object({}), concurrency: 2, run }));
          return {
            jobs,
            enqueue: () => Promise.all(jobs.map((each) => ctx.jobs.enqueue(undefined, each, {}))),
          };
        },
        jobs: (api) => api.jobs,
      });
      const { host } = await bench.start([crowded]);
      for (let nth = 0; nth < 4; nth += 1) await host.api(crowded).enqueue();
      await until(allAre('done'));
      assert.equal(most, 3);
    });

    it('begins what is delayed not before its time', async () => {
      let began = 0;
      const { api } = await start(async () => {
        began = performance.now();
      });
      const enqueued = performance.now();
      await api.enqueue('later', { delay: 700 });
      await until(allAre('done'));
      assert.ok(began - enqueued >= 690, `${began - enqueued} ms`);
      assert.ok(began - enqueued < 3_000, `${began - enqueued} ms`);
    });

    it('tries what failed again, twice as late each time, and keeps what has failed for good', async () => {
      const at: number[] = [];
      const { api, host } = await start(
        async ({ data, attempt }) => {
          at.push(performance.now());
          if (data.what === 'hopeless' || attempt < 3) throw new Error(`no luck at ${attempt}`);
        },
        { retry: { attempts: 3, delay: 150 } },
      );
      const { id } = await api.enqueue('stubborn');
      await until(allAre('done'));
      const [first = 0, second = 0, third = 0] = at;
      assert.equal(at.length, 3);
      assert.ok(second - first >= 140, `${second - first} ms`);
      assert.ok(third - second >= 290, `${third - second} ms`);
      assert.partialDeepStrictEqual(await api.find(id), { attempts: 3, error: null });

      at.length = 0;
      const dead = await api.enqueue('hopeless');
      await until(async () => (await states())[1] === 'failed');
      await sleep(100);
      assert.equal(at.length, 3);
      assert.partialDeepStrictEqual(await api.find(dead.id), { attempts: 3, error: 'Error: no luck at 3' });

      const retried = await api.transact(testCaller(), (tx) => host.jobs.retry(tx, dead.id));
      assert.equal(retried, true);
      await until(async () => at.length === 6 && (await states())[1] === 'failed');
      assert.partialDeepStrictEqual(await api.find(dead.id), { attempts: 6, error: 'Error: no luck at 6' });
    });

    it('tells how far a run is while it runs, and how far it came', async () => {
      let go: () => void = () => undefined;
      const { api } = await start(async ({ progress }) => {
        progress(3, 10);
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        progress(10);
      });
      const { id } = await api.enqueue('far');
      await until(async () => (await api.find(id))?.progress.done === 3);
      assert.deepEqual((await api.find(id))?.progress, { done: 3, total: 10 });
      go();
      await until(allAre('done'));
      assert.deepEqual((await api.find(id))?.progress, { done: 10, total: 10 });
    });

    it('cancels what is queued at once: it never runs', async () => {
      const seen: string[] = [];
      const { api } = await start(async ({ data }) => {
        seen.push(data.what);
        await sleep(300);
      });
      await api.enqueue('first');
      await until(async () => (await states())[0] === 'running');
      const { id } = await api.enqueue('second');
      const later = await api.enqueue('later', { delay: 100 });
      assert.equal(await api.cancel(id), true);
      assert.equal(await api.cancel(later.id), true);
      assert.equal(await api.cancel(id), false, 'it has ended');
      await until(async () => (await states())[0] === 'done');
      await sleep(200);
      assert.deepEqual(seen, ['first']);
      assert.deepEqual(await states(), ['done', 'cancelled', 'cancelled']);
    });

    it('cancels what runs within two seconds, from another process too', async () => {
      let heard: unknown;
      const { api } = await start(async ({ signal }) => {
        await sleep(60_000, undefined, { signal }).catch((fault) => {
          heard = signal.reason;
          throw fault;
        });
      });
      const { id } = await api.enqueue('long');
      await until(allAre('running'));
      const other = await start(async () => undefined, {}, false);
      const asked = performance.now();
      assert.equal(await other.api.cancel(id), true);
      assert.ok((await api.find(id))?.cancelRequestedAt);
      await until(allAre('cancelled'), 2_000);
      assert.ok(performance.now() - asked < 2_000);
      assert.match(String(heard), /cancelled/);
      await sleep(300);
      assert.deepEqual(await states(), ['cancelled'], 'nobody takes it up again');
    });

    it('has one run of a key under way, whoever enqueues it and however many at once', async () => {
      let runs = 0;
      let go: () => void = () => undefined;
      const { api } = await start(async () => {
        runs += 1;
        await new Promise<void>((resolve) => {
          go = resolve;
        });
      });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => api.enqueue('same', { dedupe: 'one' })),
      );
      assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
      assert.equal(answers.filter(({ created }) => created).length, 1);
      await until(allAre('running'));
      assert.equal((await api.enqueue('same', { dedupe: 'one' })).created, false, 'also while it runs');
      assert.equal((await api.enqueue('other', { dedupe: 'two' })).created, true);
      go();
      await until(async () => (await states())[0] === 'done');
      assert.equal((await api.enqueue('same', { dedupe: 'one' })).created, true, 'once it has ended');
      await until(async () => {
        go();
        return allAre('done')();
      });
      assert.equal(runs, 3);
    });

    it('enqueues by the clock, each occurrence once, at its moment, however many processes', async () => {
      const seen: string[] = [];
      let now = new Date('2026-03-01T12:00:30Z');
      const repeated = errandsOf(async ({ id }) => seen.push(String(id)), { repeat: '* * * * *' });
      const options = { clock: () => now };
      const processes = [await bench.start([repeated], options), await bench.start([repeated], options)];
      for (let minute = 0; minute <= 10; minute += 1) {
        now = new Date(Date.UTC(2026, 2, 1, 12, minute, 7));
        await Promise.all(processes.map(({ host }) => host.schedule.runDue()));
        await until(async () => minute === 0 || (await allAre('done')()));
      }
      const rows = await bench.owner.query<{ occurrence: string }>(
        'SELECT occurrence FROM job_run ORDER BY occurrence',
      );
      const expected = Array.from(
        { length: 10 },
        (_, nth) => `2026-03-01T12:${String(nth + 1).padStart(2, '0')}:00Z`,
      );
      assert.deepEqual(
        rows.map(({ occurrence }) => occurrence),
        expected,
        'no drift, no double',
      );
      assert.equal(new Set(seen).size, 10);
      assert.equal(seen.length, 10);
    });

    it('shares the work among processes, each run in one', async () => {
      const by = new Map<string, string[]>();
      const errands = (who: string) =>
        errandsOf(
          async ({ data }) => {
            by.set(data.what, [...(by.get(data.what) ?? []), who]);
            await sleep(5);
          },
          { concurrency: 4 },
        );
      const one = errands('one');
      const { host } = await bench.start([one]);
      await bench.start([errands('two')]);
      const api = apiOf(host, one);
      await api.transact(testCaller(), async (tx) => {
        for (let nth = 0; nth < 200; nth += 1) await api.within(tx, `${nth}`);
      });
      await until(allAre('done'));
      assert.equal(by.size, 200);
      assert.ok([...by.values()].every((who) => who.length === 1));
      assert.equal(new Set([...by.values()].flat()).size, 2);
    });

    it('only enqueues where it is not to work', async () => {
      const { api } = await start(async () => undefined, {}, false);
      await api.enqueue('for others');
      await sleep(300);
      assert.deepEqual(await states(), ['queued']);
      await start(async () => undefined);
      await until(allAre('done'));
    });

    it('gives back what does not end when it is stopped, and another process takes it up', async () => {
      const ended: string[] = [];
      const errands = errandsOf(async ({ attempt, signal }) => {
        if (attempt === 1) await sleep(60_000, undefined, { signal });
        ended.push(`attempt ${attempt}`);
      });
      const first = await bench.start([errands]);
      const { id } = await apiOf(first.host, errands).enqueue('long');
      await until(allAre('running'));
      const began = performance.now();
      await first.stop();
      assert.ok(performance.now() - began < 5_000);
      assert.deepEqual(await states(), ['queued']);
      const second = await bench.start([errands]);
      await until(allAre('done'));
      assert.deepEqual(ended, ['attempt 2']);
      assert.partialDeepStrictEqual(await apiOf(second.host, errands).find(id), { error: null });
    });

    it('gives back what does not even listen when it is stopped', async () => {
      const errands = errandsOf(({ attempt }) =>
        attempt === 1 ? new Promise(() => undefined) : Promise.resolve(),
      );
      const deaf = await bench.start([errands]);
      await apiOf(deaf.host, errands).enqueue('deaf');
      await until(allAre('running'));
      const began = performance.now();
      await deaf.stop();
      assert.ok(performance.now() - began < 5_000);
      assert.deepEqual(await states(), ['queued']);
      await bench.start([errands]);
      await until(allAre('done'));
    });

    it('has what its queue has lost handed over again', async () => {
      const { api } = await start(async () => undefined, {}, false);
      await api.enqueue('lost');
      await until(async () => {
        const [row] = await bench.owner.query<{ handed: boolean }>(
          'SELECT handed_at IS NOT NULL AS handed FROM job_run',
        );
        return row?.handed === true;
      });
      if (bench.redis) {
        const { Redis } = await import('ioredis');
        const redis = new Redis(bench.redis.url);
        await redis.flushall();
        redis.disconnect();
      } else {
        await bench.owner.query('DELETE FROM pgboss.job');
      }
      await start(async () => undefined);
      await until(allAre('done'));
    });
  });
}
