import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Database, openDatabase } from '../db/database.ts';
import { createLog } from '../log/log.ts';
import { type TestDatabase, testDatabase } from '../testing/index.ts';
import { type JobRun, job, type PeriodicJob } from './job.ts';
import { createSchedule, type Schedule, type ScheduleOptions } from './schedule.ts';

const log = createLog('silent');

describe('the schedule of jobs', () => {
  let database: TestDatabase;
  let db: Database;
  let now: Date;

  beforeEach(async () => {
    database = await testDatabase();
    db = openDatabase({ url: database.url });
    now = new Date('2026-03-01T12:00:30Z');
  });
  afterEach(async () => {
    await db.close();
    await database.drop();
  });

  const at = (time: string) => {
    now = new Date(`2026-03-01T${time}Z`);
  };
  const scheduleOf = (jobs: readonly PeriodicJob[], options: ScheduleOptions = {}, on = db): Schedule =>
    createSchedule(on, log, new Map(jobs.map((each) => [`books.${each.name}`, each])), {
      clock: () => now,
      pollEvery: 10,
      ...options,
    });
  const minutely = (run: (run: JobRun<undefined>) => Promise<unknown>, name = 'dust') =>
    job({ name, every: '* * * * *', run });
  const rows = () =>
    db.query<{
      name: string;
      due: string;
      runs: number;
      failures: number;
      error: string | null;
      leased: boolean;
    }>(
      `SELECT name, to_char(due_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS due, runs, failures, last_error AS error,
              leased_until IS NOT NULL AS leased FROM periodic_job ORDER BY name`,
    );

  /** Waits, for some seconds at most, until something is so. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 500 && !(await isSo()); tries += 1) await sleep(10);
  }

  it('runs a job when it is due, and not again before the next occurrence', async () => {
    const schedule = scheduleOf([minutely(async () => undefined)]);
    assert.deepEqual(await schedule.runDue(), [], 'what is new waits for its first occurrence');
    at('12:01:00');
    assert.deepEqual(await schedule.runDue(), ['books.dust']);
    at('12:01:59');
    assert.deepEqual(await schedule.runDue(), []);
    at('12:02:00');
    assert.deepEqual(await schedule.runDue(), ['books.dust']);
    assert.deepEqual(await rows(), [
      { name: 'books.dust', due: '12:03:00', runs: 2, failures: 0, error: null, leased: false },
    ]);
  });

  it('makes up for occurrences that nobody ran by one run, and keeps to the clock', async () => {
    const schedule = scheduleOf([minutely(async () => undefined)]);
    await schedule.runDue();
    at('14:47:13');
    assert.deepEqual(await schedule.runDue(), ['books.dust']);
    assert.equal((await rows())[0]?.due, '14:48:00');
  });

  it('gives a run its data, an actor and a change of its own', async () => {
    const seen: JobRun<{ shelf: string }>[] = [];
    const dust = job({
      name: 'dust',
      every: '* * * * *',
      data: z.object({ shelf: z.string().default('A') }),
      run: async (run) => void seen.push(run),
    });
    const schedule = scheduleOf([dust]);
    await schedule.run('books.dust');
    await schedule.run('books.dust');
    const [first, second] = seen;
    assert.deepEqual(
      [first?.data, first?.caller.actor, first?.caller.source],
      [{ shelf: 'A' }, 'job:books.dust', 'job'],
    );
    assert.notEqual(first?.caller.changeId, second?.caller.changeId);
    await assert.rejects(schedule.run('books.air'), /no job books\.air; there are books\.dust/);
  });

  it('runs each occurrence in one of several processes', async () => {
    const runs: string[] = [];
    const others = [openDatabase({ url: database.url }), openDatabase({ url: database.url })];
    const hosts = [db, ...others].map((each, nth) =>
      scheduleOf(
        ['a', 'b', 'c'].map((name) =>
          minutely(async () => {
            await sleep(3);
            runs.push(`${now.getTime()} ${name} ${nth}`);
          }, name),
        ),
        {},
        each,
      ),
    );
    await Promise.all(hosts.map((host) => host.runDue()));
    for (let minute = 1; minute <= 20; minute += 1) {
      at(`12:${String(minute).padStart(2, '0')}:00`);
      await Promise.all(hosts.map((host) => host.runDue()));
    }
    assert.equal(runs.length, 60);
    assert.equal(new Set(runs.map((run) => run.slice(0, -2))).size, 60, 'none ran twice');
    assert.ok(new Set(runs.map((run) => run.slice(-1))).size > 1, 'they share the work');
    for (const each of others) await each.close();
  });

  it('has a job taken up by another process when the one that ran it has died', async () => {
    let runs = 0;
    const other = scheduleOf(
      [
        minutely(async () => {
          runs += 1;
        }),
      ],
      { lease: 900 },
    );
    await other.runDue();
    at('12:01:00');
    const gone = openDatabase({ url: database.url });
    let begun = false;
    const endless = minutely(() => {
      begun = true;
      return new Promise(() => undefined);
    });
    void scheduleOf([endless], { lease: 900 }, gone).runDue();
    await until(() => begun);
    assert.deepEqual(await other.runDue(), [], 'as long as it lives, nobody takes its job');
    await sleep(1_200);
    assert.deepEqual(await other.runDue(), [], 'also when it takes longer than a claim holds');
    await gone.close();
    await until(async () => (await other.runDue()).length > 0);
    assert.equal(runs, 1);
    assert.equal((await rows())[0]?.due, '12:02:00');
  });

  it('tells a run that has lost its claim to end, and does not count it', async () => {
    let heard: unknown;
    let begun = false;
    const schedule = scheduleOf(
      [
        minutely(async ({ signal }) => {
          begun = true;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          heard = signal.reason;
        }),
      ],
      { lease: 60 },
    );
    await schedule.runDue();
    at('12:01:00');
    const end = schedule.runDue();
    await until(() => begun);
    await db.query(
      "UPDATE periodic_job SET lease = gen_random_uuid(), leased_until = now() + interval '1 minute'",
    );
    await end;
    assert.match(String(heard), /another process/);
    assert.deepEqual(await rows(), [
      { name: 'books.dust', due: '12:01:00', runs: 0, failures: 0, error: null, leased: true },
    ]);
  });

  it('tries a failed job again, later each time, while the others run', async () => {
    let broken = true;
    const schedule = scheduleOf([
      minutely(async () => undefined, 'air'),
      minutely(async () => {
        if (broken) throw new Error('no duster');
      }),
      minutely(() => {
        throw undefined;
      }, 'odd'),
    ]);
    await schedule.runDue();
    at('12:01:00');
    assert.deepEqual(await schedule.runDue(), ['books.air', 'books.dust', 'books.odd']);
    at('12:01:05');
    assert.deepEqual(await schedule.runDue(), ['books.dust', 'books.odd']);
    const failed = { failures: 2, leased: false, runs: 2, due: '12:01:15' };
    assert.deepEqual(await rows(), [
      { name: 'books.air', due: '12:02:00', runs: 1, failures: 0, error: null, leased: false },
      { name: 'books.dust', error: 'Error: no duster', ...failed },
      { name: 'books.odd', error: 'Error: it failed without a word', ...failed },
    ]);
    broken = false;
    at('12:01:15');
    await schedule.runDue();
    const [, dust] = await rows();
    assert.deepEqual([dust?.due, dust?.failures, dust?.error], ['12:02:00', 0, null]);
    await assert.rejects(schedule.run('books.odd'));
  });

  it('waits no more than ten minutes, however often a job has failed', async () => {
    const schedule = scheduleOf([minutely(async () => assert.fail('always'))]);
    await schedule.runDue();
    await db.query("UPDATE periodic_job SET failures = 1000, due_at = '2026-03-01T12:00:00Z'");
    await schedule.runDue();
    assert.equal((await rows())[0]?.due, '12:10:30');
  });

  it('takes over a schedule that has changed, at once', async () => {
    await scheduleOf([job({ name: 'dust', every: '0 3 * * *', run: async () => undefined })]).runDue();
    assert.equal((await rows())[0]?.due, '03:00:00');
    await scheduleOf([minutely(async () => undefined)]).runDue();
    assert.equal((await rows())[0]?.due, '12:01:00');
  });

  it('runs in the background, also after the database was away, until told to stop', async () => {
    let runs = 0;
    const schedule = scheduleOf([
      job({
        name: 'dust',
        every: '* * * * * *',
        run: async () => {
          runs += 1;
        },
      }),
    ]);
    await db.query('ALTER TABLE periodic_job RENAME TO away');
    const running = schedule.start();
    await sleep(50);
    await db.query('ALTER TABLE away RENAME TO periodic_job');
    await until(async () => (await rows()).length > 0);
    for (let second = 31; second < 35; second += 1) {
      at(`12:00:${second}`);
      await until(async () => (await rows())[0]?.runs === second - 30);
    }
    await running.stop();
    assert.equal(runs, 4);
    at('12:01:00');
    await sleep(50);
    assert.equal(runs, 4);
  });

  describe('when it is stopped', () => {
    /** A schedule in the background whose one job is under way. */
    async function underWay(run: (run: JobRun<undefined>) => Promise<unknown>, drainTime = 5_000) {
      let begun: () => void = () => undefined;
      const beginning = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const schedule = scheduleOf(
        [
          minutely((given) => {
            begun();
            return run(given);
          }),
        ],
        { drainTime },
      );
      await schedule.runDue();
      at('12:01:00');
      const running = schedule.start();
      await beginning;
      return running;
    }

    it('waits for a run under way', async () => {
      await (await underWay(() => sleep(100))).stop();
      const [row] = await rows();
      assert.deepEqual([row?.runs, row?.due], [1, '12:02:00']);
    });

    it('gives back what gave up when it was told to: another process runs it at once', async () => {
      const running = await underWay(({ signal }) => sleep(60_000, undefined, { signal }));
      await running.stop();
      const [row] = await rows();
      assert.deepEqual([row?.runs, row?.failures, row?.due, row?.leased], [0, 0, '12:01:00', false]);
    });

    it('leaves what does not end in time', async () => {
      const ended = Promise.withResolvers<void>();
      const running = await underWay(() => ended.promise, 50);
      await running.stop();
      assert.equal((await rows())[0]?.leased, true, 'its claim runs out by itself');
      ended.resolve();
    });
  });
});
