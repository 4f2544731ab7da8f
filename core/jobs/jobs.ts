import { randomUUIDv7 } from 'node:crypto';
import type { z } from 'zod';
import type { RunQuery } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import type { Log } from '../log/log.ts';
import { type HandOver, type HandOverOptions, startHandOver } from './hand-over.ts';
import { isQueued, type Job, type PeriodicJob, type QueuedJob } from './job.ts';
import { findRun, type JobRunView } from './list.ts';
import type { JobQueue } from './queue.ts';
import { createRoom, type Room } from './room.ts';
import { cancelRun, insertRun, type JobState, nextDue, retryRun, runUnderWay } from './runs.ts';
import { createWorker, type RunCounts, type Worker, type WorkerOptions } from './worker.ts';

/** How many runs of one plugin a process works at once, unless the plugin says so. */
const usualConcurrency = 10;

export interface EnqueueOptions {
  /** 0 to 100, higher is sooner; 0 unless told. */
  priority?: number;
  /** Milliseconds before which it does not begin. */
  delay?: number;
  /** While a run of the job with this key is queued or runs, there is no second one: that one is answered. */
  dedupe?: string;
}

/** A run that was enqueued, or that was there already (`created: false`). */
export interface Enqueued {
  id: number;
  created: boolean;
}

/** What a plugin may do with its jobs. */
export interface PluginJobs {
  /**
   * Enqueues a run: in a transaction, which it is undone with, or by itself. It is kept in PostgreSQL, and begins once the
   * transaction has committed and the queue is there. Throws where the data does not fit the job's schema.
   */
  enqueue<Data extends z.ZodType>(
    tx: Tx | undefined,
    job: QueuedJob<Data>,
    data: z.input<Data>,
    options?: EnqueueOptions,
  ): Promise<Enqueued>;
  /** A run of this plugin, as `GET /jobs/{id}` shows it; undefined where there is none. */
  find(id: number): Promise<JobRunView | undefined>;
  /** Ends a run of this plugin: at once while it is queued, else as soon as it hears of it (its `signal`). False where it had ended. */
  cancel(id: number): Promise<boolean>;
}

/** The queued jobs of one host. */
export interface Jobs {
  /** Takes what the plugins brought, by full name, once the boot is over; and how many runs of a plugin one process works at once. */
  adopt(jobs: ReadonlyMap<string, Job>, concurrencies?: ReadonlyMap<string, number>): void;
  /** What one plugin is given. */
  of(plugin: string): PluginJobs;
  cancel(id: number): Promise<JobState | undefined>;
  /** Queues a run that failed or was cancelled again; false where it is neither. */
  retry(tx: Tx, id: number): Promise<boolean>;
  /** Jobs of the schedule that enqueue what says `repeat`. */
  repeating(jobs: ReadonlyMap<string, Job>): Map<string, PeriodicJob>;
  /** Runs all that is due here and now, without a queue, best first; answers the names. For tests and the command line. */
  runDue(): Promise<string[]>;
  /** Hands over to a queue from now on and, where `working`, takes from it. */
  start(queue: JobQueue, options: { working: boolean }): RunningJobs;
  /** The full names of the jobs that are enqueued. */
  readonly names: readonly string[];
  readonly counts: ReadonlyMap<string, RunCounts>;
}

export interface RunningJobs {
  readonly queue: JobQueue;
  /** Takes nothing more, gives back what does not end in time, and closes the queue. */
  stop(): Promise<void>;
}

/** Makes the queued jobs of one host; every statement of `query` is a transaction of its own. */
export function createJobs(query: RunQuery, log: Log, options: WorkerOptions & HandOverOptions = {}): Jobs {
  let queued: ReadonlyMap<string, QueuedJob> | undefined;
  let names = new Map<QueuedJob, string>();
  let limits: ReadonlyMap<string, number> = new Map();
  let running: { queue: JobQueue; handOver: HandOver } | undefined;
  const wake = () => running?.handOver.wake();
  const newWorker = () => createWorker(query, log, () => queued ?? new Map(), wake, options);
  let worker: Worker = newWorker();

  async function insert(
    tx: Tx | undefined,
    name: string,
    job: QueuedJob,
    data: unknown,
    by: { actor: string; priority?: number; delay?: number; dedupe?: string; occurrence?: Date },
  ): Promise<Enqueued> {
    job.data.parse(data);
    const { priority = 0, delay = 0, dedupe = null, occurrence = null, actor } = by;
    const run = tx?.query ?? query;
    const values = [name, JSON.stringify(data), priority, dedupe, delay, job.retry.attempts, actor];
    for (;;) {
      const [made] = await run<{ id: number }>(insertRun, [...values, randomUUIDv7(), occurrence]);
      if (made) {
        if (tx) tx.afterCommit(wake);
        else wake();
        return { id: made.id, created: true };
      }
      const [there] = await run<{ id: number }>(runUnderWay, [name, dedupe, occurrence]);
      // None: it has ended between the two statements.
      if (there) return { id: there.id, created: false };
    }
  }

  async function cancel(id: number): Promise<JobState | undefined> {
    const [run] = await query<{ name: string; ticket: string; state: JobState }>(cancelRun, [id]);
    // A ticket that stays in the queue is worth nothing; without it the queue is tidier.
    if (run?.state === 'cancelled') {
      running?.queue.remove(run.name, [run.ticket]).catch(() => undefined);
    }
    return run?.state;
  }

  function of(plugin: string): PluginJobs {
    async function isOurs(id: number): Promise<JobRunView | undefined> {
      const run = await findRun(query, id);
      return run?.plugin === plugin ? run : undefined;
    }
    return Object.freeze<PluginJobs>({
      async enqueue(tx, job, data, options = {}) {
        const name = names.get(job as unknown as QueuedJob);
        if (!name?.startsWith(`${plugin}.`)) {
          throw new Error(`${plugin}: "${job.name}" is not among its running jobs.`);
        }
        return insert(tx, name, job, data, { actor: tx?.caller.actor ?? `plugin:${plugin}`, ...options });
      },
      find: isOurs,
      cancel: async (id) => Boolean((await isOurs(id)) && (await cancel(id))),
    });
  }

  return {
    get names() {
      return [...(queued ?? new Map<string, QueuedJob>()).keys()];
    },
    get counts() {
      return worker.counts;
    },
    adopt(jobs, concurrencies = new Map()) {
      limits = concurrencies;
      queued = new Map([...jobs].filter((entry): entry is [string, QueuedJob] => isQueued(entry[1])));
      names = new Map([...queued].map(([name, job]) => [job, name]));
    },
    of,
    cancel,
    async retry(tx, id) {
      const [row] = await tx.query(retryRun, [id]);
      tx.afterCommit(wake);
      return row !== undefined;
    },
    repeating(jobs) {
      const entries = [...jobs].flatMap(([name, job]): [string, PeriodicJob][] => {
        if (!isQueued(job) || job.repeat === undefined) return [];
        const run: PeriodicJob['run'] = ({ occurrence }) =>
          insert(undefined, name, job, {}, { actor: `job:${name}`, dedupe: 'repeat', occurrence });
        return [[name, { name: job.name, every: job.repeat, run }]];
      });
      return new Map(entries);
    },
    async runDue() {
      const all = [...(queued ?? new Map()).keys()];
      const ran: string[] = [];
      for (;;) {
        const [due] = await query<{ ticket: string; name: string }>(nextDue, [all]);
        if (!due) return ran;
        await worker.take(due.ticket);
        ran.push(due.name);
      }
    },
    start(queue, { working }) {
      if (running) throw new Error('The jobs are running already.');
      const jobs = queued ?? new Map<string, QueuedJob>();
      const handOver = startHandOver(query, queue, log, [...jobs.keys()], working, options);
      running = { queue, handOver };
      const taking = worker;
      const rooms = new Map<string, Room>();
      for (const [name, { concurrency }] of working ? jobs : []) {
        const [plugin = ''] = name.split('.');
        const room = rooms.get(plugin) ?? createRoom(limits.get(plugin) ?? usualConcurrency);
        rooms.set(plugin, room);
        queue
          .work(name, concurrency, (ticket) => room.inside(() => taking.take(ticket)))
          .catch((fault: unknown) => log.error({ err: fault, job: name }, 'the runs of a job are not taken'));
      }
      return {
        queue,
        async stop() {
          await queue.rest();
          await taking.stop();
          await handOver.stop();
          await queue.close();
          running = undefined;
          worker = newWorker();
        },
      };
    },
  };
}
