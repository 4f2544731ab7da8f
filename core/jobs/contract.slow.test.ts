import assert from 'node:assert/strict';
import { once } from 'node:events';
import { z } from 'zod';
import { definePlugin } from '../plugin/define.ts';
import { traced } from '../testing/fixtures/errand-worker.ts';
import { drivers, QueueBench, until } from '../testing/queues.ts';
import { testCaller } from '../testing/register.ts';
import { WorkerProcesses } from '../testing/workers.ts';
import { job } from './job.ts';

const errandWorker = new URL('../testing/fixtures/errand-worker.ts', import.meta.url);

for (const driver of drivers) {
  describe(`jobs on ${driver}, in trouble`, function () {
    this.timeout(60_000);
    const bench = new QueueBench(driver, { ownServer: true });
    const workers = new WorkerProcesses(errandWorker);

    before(async () => {
      await bench.open();
      await bench.owner.query(`CREATE TABLE begun (run bigint, process int);
                               CREATE TABLE done (run bigint PRIMARY KEY, what text NOT NULL)`);
    });
    after(bench.close);
    afterEach(async () => {
      await workers.stop();
      await bench.clear();
      await bench.owner.query('DELETE FROM begun; DELETE FROM done');
    });

    const count = async (where: string) => {
      const [row] = await bench.owner.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${where}`);
      return row?.n ?? 0;
    };
    const allDone = async (many: number) => (await count("job_run WHERE state = 'done'")) === many;

    const startChild = () =>
      workers.start({ databaseUrl: bench.database.applicationUrl, redisUrl: bench.redis?.url });

    /** A process that enqueues and, unless told, works. */
    async function start(working = true) {
      const started = await bench.start([traced], { working });
      return { ...started, api: started.host.api(traced) };
    }

    it('takes the run of a worker that was killed up again, once', async () => {
      const { api } = await start(false);
      const first = await startChild();
      const { id } = await api.enqueue('milk', 1_500);
      await until(async () => (await count('begun')) === 1);
      first.kill('SIGKILL');
      await once(first, 'exit');
      const killed = performance.now();
      await startChild();
      await startChild();
      await until(() => allDone(1), 15_000);
      assert.ok(performance.now() - killed < 10_000);
      const begun = await bench.owner.query<{ process: number }>('SELECT process FROM begun WHERE run = $1', [
        id,
      ]);
      assert.equal(begun.length, 2, 'once more, and by one of the two alone');
      assert.notEqual(begun[0]?.process, begun[1]?.process);
      assert.equal(await count('done'), 1);
      assert.equal(await count('job_run WHERE attempts = 2 AND crashes = 1 AND failures = 0'), 1);
    });

    it('gives the run of a worker that is told to end back within its time', async () => {
      const { api } = await start(false);
      const first = await startChild();
      await api.enqueue('milk', 1_500);
      await until(async () => (await count('begun')) === 1);
      const told = performance.now();
      first.kill('SIGTERM');
      const [code] = await once(first, 'exit');
      assert.equal(code, 0);
      assert.ok(performance.now() - told < 5_000);
      assert.equal(await count("job_run WHERE state = 'queued'"), 1);
      await startChild();
      await until(() => allDone(1), 15_000);
      assert.equal(await count('job_run WHERE crashes = 0'), 1);
    });

    it('gives up a run that kills every worker', async () => {
      const { api } = await start(false);
      const { id } = await api.enqueue('poison');
      await bench.owner.query(
        `UPDATE job_run SET state = 'running', crashes = 5, handed_at = NULL, leased_until = now() WHERE id = $1`,
        [id],
      );
      await start();
      await until(async () => (await count("job_run WHERE state = 'failed' AND error LIKE '%died%'")) === 1);
      assert.equal(await count('begun'), 0);
    });

    it('goes on where it was when PostgreSQL has crashed', async () => {
      const { api } = await start();
      for (let nth = 0; nth < 100; nth += 1) await api.enqueue(`${nth}`, nth % 10 === 0 ? 800 : 20);
      await until(async () => (await count('done')) > 10);
      const [backend] = await bench.owner.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // The server then ends all others, and recovers from its log.
      process.kill(backend?.pid as number, 'SIGKILL');
      await until(() => allDone(100).catch(() => false), 30_000);
      assert.equal(await count('done'), 100);
    });

    if (driver === 'bull') {
      it('goes on where it was when Redis has crashed', async () => {
        const { api } = await start();
        for (let nth = 0; nth < 100; nth += 1) await api.enqueue(`${nth}`, nth % 10 === 0 ? 800 : 20);
        await until(async () => (await count('done')) > 10);
        await bench.redis?.kill();
        await bench.redis?.start();
        await until(() => allDone(100), 30_000);
        assert.equal(await count('done'), 100);
      });

      it('keeps what is enqueued while Redis is away, and has it done when it is back', async () => {
        const { api } = await start();
        await bench.redis?.kill();
        const began = performance.now();
        for (let nth = 0; nth < 20; nth += 1) await api.enqueue(`${nth}`);
        assert.ok(performance.now() - began < 1_000, 'nobody waits for Redis');
        assert.equal(await count("job_run WHERE state = 'queued'"), 20);
        await bench.redis?.start();
        await until(() => allDone(20), 20_000);
        assert.equal(await count('begun'), 20);
      });
    }

    it('repeats without drift or doubles in two processes by the real clock', async () => {
      const ticks: number[] = [];
      const ticking = definePlugin({
        name: 'ticking',
        version: '1.0.0',
        engine: '^1.0.0',
        summary: 'Ticks.',
        setup: () => [
          job({
            name: 'tick',
            data: z.object({}),
            repeat: '* * * * * *',
            run: async () => ticks.push(Date.now()),
          }),
        ],
        jobs: (jobs) => jobs,
      });
      const schedules = [];
      for (let nth = 0; nth < 2; nth += 1)
        schedules.push((await bench.start([ticking])).host.schedule.start());
      await until(() => ticks.length >= 4, 15_000);
      for (const each of schedules) await each.stop();
      const rows = await bench.owner.query<{ at: number }>(
        'SELECT extract(epoch FROM occurrence)::int AS at FROM job_run ORDER BY 1',
      );
      const [first = 0] = rows.map(({ at }) => at);
      assert.deepEqual(
        rows.map(({ at }) => at - first),
        rows.map((_, nth) => nth),
        'every second once',
      );
      await until(() => allDone(rows.length));
      assert.equal(ticks.length, rows.length);
    });

    it('drains 10,000 runs in two processes, none lost, none twice', async () => {
      const { api, host } = await start();
      await startChild();
      const began = performance.now();
      await api.transact(testCaller(), (tx) =>
        api.enqueueAll(
          tx,
          Array.from({ length: 10_000 }, (_, nth) => `${nth}`),
        ),
      );
      const enqueued = performance.now();
      await until(() => allDone(10_000), 55_000);
      const drained = performance.now();
      assert.deepEqual([await count('begun'), await count('done')], [10_000, 10_000]);
      assert.equal(await count('(SELECT DISTINCT what FROM done) d'), 10_000);
      assert.ok([...host.jobs.counts.values()].every(({ result }) => result.failed + result.retried === 0));
      process.stdout.write(
        `        ${driver}: enqueued in ${Math.round(enqueued - began)} ms, drained in ${Math.round(drained - enqueued)} ms\n`,
      );
    });
  });
}
