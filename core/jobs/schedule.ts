import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { callerOf } from '../auth/caller.ts';
import { type Database, named } from '../db/database.ts';
import type { Log } from '../log/log.ts';
import { nextOccurrence, type PeriodicJob, pauseAfter } from './job.ts';

/** The jobs of one host that run by the clock: each occurrence once, however many processes share the database. */
export interface Schedule {
  /** Runs one now, whatever the clock says; throws what it throws. */
  run(name: string): Promise<void>;
  /** Runs what is due, once; answers the names of what it ran. */
  runDue(): Promise<string[]>;
  /** Runs what becomes due until stopped. Stopping asks the runs under way to end and waits for them, within limits. */
  start(): { stop(): Promise<void> };
}

export interface ScheduleOptions {
  clock?: () => Date;
  /** Milliseconds between looks at the clock. */
  pollEvery?: number;
  /** Milliseconds that a claim holds unless renewed; after a crash, another process takes the job up that much later. */
  lease?: number;
  /** The longest that stopping waits for runs under way, in milliseconds. */
  drainTime?: number;
}

// A job whose expression has changed must not wait for an occurrence of the old one.
const enlist = named(
  'periodic_job_enlist',
  `INSERT INTO periodic_job AS j (name, every, due_at) SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
    ON CONFLICT (name) DO UPDATE SET every = EXCLUDED.every, due_at = EXCLUDED.due_at WHERE j.every <> EXCLUDED.every`,
);
// When something is due is told by the host's clock, which tests move; leases run by the one clock that processes share.
const claim = named(
  'periodic_job_claim',
  `UPDATE periodic_job SET lease = $3, leased_until = now() + $4 * interval '1 millisecond', last_started_at = now()
    WHERE name = (SELECT name FROM periodic_job
                   WHERE name = ANY ($1) AND due_at <= $2 AND (leased_until IS NULL OR leased_until <= now())
                   ORDER BY due_at, name LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING name, due_at AS "dueAt", failures`,
);
const renew = named(
  'periodic_job_renew',
  `UPDATE periodic_job SET leased_until = now() + $3 * interval '1 millisecond' WHERE name = $1 AND lease = $2
    RETURNING true AS ours`,
);
const finish = named(
  'periodic_job_finish',
  `UPDATE periodic_job SET due_at = $3, last_error = $4, failures = $5, runs = runs + 1, last_finished_at = now(),
          lease = NULL, leased_until = NULL
    WHERE name = $1 AND lease = $2 RETURNING true AS ours`,
);
const giveBack = named(
  'periodic_job_give_back',
  'UPDATE periodic_job SET lease = NULL, leased_until = NULL WHERE name = $1 AND lease = $2',
);

interface Claimed {
  name: string;
  dueAt: string;
  failures: number;
}

interface Begun {
  name: string;
  end: Promise<void>;
}

/** A job that failed is tried again after 5 s, 10 s, 20 s … 10 min, for as long as it takes. */
const again = { delay: 5_000, most: 600_000 };

/** Makes the schedule of one host; the jobs' names are the full ones, `plugin.job`. */
export function createSchedule(
  db: Database,
  log: Log,
  jobs: ReadonlyMap<string, PeriodicJob>,
  options: ScheduleOptions = {},
): Schedule {
  const { clock = () => new Date(), pollEvery = 1_000, lease = 30_000, drainTime = 20_000 } = options;
  const names = [...jobs.keys()];
  let enlisted = false;

  async function perform(name: string, occurrence: Date, signal: AbortSignal): Promise<void> {
    const found = jobs.get(name);
    if (!found) throw new Error(`There is no job ${name}; there are ${names.join(', ') || 'none'}.`);
    const caller = { ...callerOf({ source: 'job' }), actor: `job:${name}` };
    await found.run({ data: found.data?.parse({}) as never, caller, signal, occurrence });
  }

  async function claimOne(token: string): Promise<Claimed | undefined> {
    if (!enlisted) {
      const every = [...jobs.values()].map((each) => each.every);
      await db.query(enlist, [names, every, every.map((each) => nextOccurrence(each, clock()))]);
      enlisted = true;
    }
    const [claimed] = await db.query<Claimed>(claim, [names, clock(), token, lease]);
    return claimed;
  }

  /** Keeps the claim while the job runs; where it is lost, the run is told to end. */
  function keep(name: string, token: string, lost: AbortController): NodeJS.Timeout {
    const renewing = setInterval(() => {
      db.query(renew, [name, token, lease]).then(
        ([ours]) => ours ?? lost.abort(new Error('another process has taken the job over')),
        (fault) => log.warn({ err: fault, job: name }, 'the claim of a job could not be renewed'),
      );
    }, lease / 3);
    return renewing.unref();
  }

  async function runClaimed({ name, dueAt, failures }: Claimed, token: string, ending?: AbortSignal) {
    const lost = new AbortController();
    const renewing = keep(name, token, lost);
    const signal = ending ? AbortSignal.any([ending, lost.signal]) : lost.signal;
    let fault: unknown;
    await perform(name, new Date(dueAt), signal).catch((thrown: unknown) => {
      fault = thrown ?? new Error('it failed without a word');
    });
    clearInterval(renewing);
    if (fault && signal.aborted) {
      await db.query(giveBack, [name, token]);
      return;
    }
    const failed = fault ? failures + 1 : 0;
    if (fault) log.error({ err: fault, job: name, failures: failed }, 'job failed');
    const now = clock().getTime();
    const next = fault
      ? new Date(now + pauseAfter(failed, again))
      : nextOccurrence((jobs.get(name) as PeriodicJob).every, new Date(Math.max(now, Date.parse(dueAt))));
    const [ours] = await db.query(finish, [
      name,
      token,
      next,
      fault === undefined ? null : String(fault),
      failed,
    ]);
    if (!ours) log.warn({ job: name }, 'another process had taken the job over before it ended');
  }

  /** Begins all that is due, one by one; each run ends by itself and never rejects. */
  async function* beginDue(ending?: AbortSignal): AsyncGenerator<Begun, void> {
    while (names.length > 0 && !ending?.aborted) {
      const token = randomUUID();
      const claimed = await claimOne(token);
      if (!claimed) return;
      const { name } = claimed;
      const end = runClaimed(claimed, token, ending).catch((fault) =>
        log.warn({ err: fault, job: name }, 'the end of a job could not be recorded; it will run again'),
      );
      yield { name, end };
    }
  }

  return {
    run: (name) => perform(name, clock(), new AbortController().signal),
    async runDue() {
      const begun: Begun[] = [];
      for await (const each of beginDue()) begun.push(each);
      await Promise.all(begun.map(({ end }) => end));
      return begun.map(({ name }) => name);
    },
    start() {
      const ending = new AbortController();
      const running = new Set<Promise<void>>();
      async function beginWhatIsDue(): Promise<void> {
        for await (const { end } of beginDue(ending.signal)) {
          running.add(end);
          void end.then(() => running.delete(end));
        }
      }
      const loop = (async () => {
        while (!ending.signal.aborted) {
          await beginWhatIsDue().catch((fault) => log.warn({ err: fault }, 'the schedule could not be read'));
          await sleep(pollEvery, undefined, { signal: ending.signal }).catch(() => undefined);
        }
      })();
      return {
        async stop() {
          ending.abort(new Error('the process is stopping'));
          await loop;
          // What does not end in time is cut off with the process; its claim runs out, and another process repeats it.
          const enough = new AbortController();
          await Promise.race([
            Promise.all(running),
            sleep(drainTime, undefined, { signal: enough.signal }).catch(() => undefined),
          ]);
          enough.abort();
        },
      };
    },
  };
}
