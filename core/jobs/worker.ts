import { setTimeout as sleep } from 'node:timers/promises';
import type { RunQuery } from '../db/database.ts';
import type { Log } from '../log/log.ts';
import { redacted } from '../log/redact.ts';
import { pauseAfter, type QueuedJob } from './job.ts';
import { beatRuns, type ClaimedRun, claimRun, finishRun, handOverAgain, type JobState } from './runs.ts';

export interface WorkerOptions {
  /** Milliseconds that a claim holds unless renewed; after a crash, another process takes the run up that much later. */
  lease?: number;
  /** Milliseconds between two renewals; as often it is seen that somebody cancelled, and written down how far a run is. */
  beatEvery?: number;
  /** The longest that stopping waits for runs under way, in milliseconds. */
  drainTime?: number;
}

/** What became of runs in this process, by job. */
export interface RunCounts {
  result: Record<'done' | 'failed' | 'cancelled' | 'retried', number>;
  /** Of all that ended, together. */
  seconds: number;
}

/** Runs what its tickets are for, and keeps the row of each run in step. */
export interface Worker {
  /** Does the run of a ticket, unless there is none any more; tells why it failed, and never rejects. */
  take(ticket: string): Promise<Error | undefined>;
  readonly counts: ReadonlyMap<string, RunCounts>;
  /** Asks the runs under way to end and waits for them; what does not end in time is given back all the same. */
  stop(): Promise<void>;
}

/** How long a fault of the database may last before a claim or an ending is given up, in milliseconds; the lease sees to the rest. */
const patience = 60_000;

interface UnderWay {
  run: ClaimedRun;
  began: number;
  ending: AbortController;
  fate?: 'cancelled' | 'lost';
  done: number;
  total: number | null;
}

interface Ending {
  state: Exclude<JobState, 'running'>;
  fault?: unknown;
  failed?: boolean;
  /** Milliseconds until it is due again. */
  again?: number;
}

/** Makes the worker of one process; `jobs` are by their full names, and `requeued` is told that something has to be handed over. */
export function createWorker(
  query: RunQuery,
  log: Log,
  jobs: () => ReadonlyMap<string, QueuedJob>,
  requeued: () => void,
  options: WorkerOptions = {},
): Worker {
  const { lease = 30_000, beatEvery = 1_000, drainTime = 20_000 } = options;
  const underWay = new Map<string, UnderWay>();
  const takes = new Set<Promise<unknown>>();
  const counts = new Map<string, RunCounts>();
  const stopping = new AbortController();
  let beating: NodeJS.Timeout | undefined;
  const isStopping = () => stopping.signal.aborted;

  /** Runs a statement until it succeeds: a database that is away for a moment must not undo what was done. */
  async function insist<T>(work: () => Promise<T>): Promise<T> {
    const until = performance.now() + patience;
    for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
      try {
        return await work();
      } catch (fault) {
        if (performance.now() > until || isStopping()) throw fault;
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  async function beat(): Promise<void> {
    const all = [...underWay.values()];
    const rows = await query<{ ticket: string; cancelled: boolean }>(beatRuns, [
      all.map(({ run }) => run.ticket),
      all.map(({ done }) => done),
      all.map(({ total }) => total),
      lease,
    ]);
    const ours = new Map(rows.map((row) => [row.ticket, row.cancelled]));
    for (const each of all) {
      if (!underWay.has(each.run.ticket) || each.fate) continue;
      const cancelled = ours.get(each.run.ticket);
      if (cancelled === false) continue;
      each.fate = cancelled ? 'cancelled' : 'lost';
      each.ending.abort(
        new Error(cancelled ? 'the run was cancelled' : 'another process has taken the run over'),
      );
    }
  }

  function keepBeating(): void {
    beating ??= setInterval(() => {
      beat().catch((fault) => log.warn({ err: fault }, 'the claims of runs could not be renewed'));
    }, beatEvery);
  }

  async function finish(ticket: string, { state, fault, failed = false, again = 0 }: Ending, at?: UnderWay) {
    const said = fault === undefined ? null : redacted(String(fault)).slice(0, 2_000);
    const values = [ticket, state, said, failed ? 1 : 0, again, at?.done ?? null, at?.total ?? null];
    return insist(() => query(finishRun, values));
  }

  function count(name: string, result: keyof RunCounts['result'], began: number): void {
    const of = counts.get(name) ?? {
      result: { done: 0, failed: 0, cancelled: 0, retried: 0 },
      seconds: 0,
    };
    of.result[result] += 1;
    of.seconds += (performance.now() - began) / 1_000;
    counts.set(name, of);
  }

  /** Runs the job, and answers what it threw; data that its schema refuses is no better the next time. */
  async function perform(job: QueuedJob, at: UnderWay): Promise<{ fault?: unknown; hopeless?: boolean }> {
    const { id, name, data, attempts: attempt, changeId } = at.run;
    const parsed = job.data.safeParse(data);
    if (!parsed.success) return { fault: parsed.error, hopeless: true };
    try {
      await job.run({
        data: parsed.data as never,
        id,
        attempt,
        caller: { actor: `job:${name}`, changeId, source: 'job' },
        signal: at.ending.signal,
        progress: (done, total) => {
          at.done = Math.trunc(done);
          if (total !== undefined) at.total = Math.trunc(total);
        },
      });
      return {};
    } catch (thrown) {
      return { fault: thrown ?? new Error('it failed without a word') };
    }
  }

  function endingOf(at: UnderWay, job: QueuedJob, fault: unknown, hopeless: boolean): Ending {
    if (fault === undefined) return { state: 'done' };
    if (at.fate === 'cancelled') return { state: 'cancelled' };
    if (isStopping()) return { state: 'queued' };
    const failures = at.run.failures + 1;
    if (hopeless || failures >= at.run.mostFailures) return { state: 'failed', fault, failed: true };
    return { state: 'queued', fault, failed: true, again: pauseAfter(failures, job.retry) };
  }

  async function work(ticket: string): Promise<Error | undefined> {
    if (isStopping()) {
      // The queue thinks that it is taken: for another process it needs a new ticket.
      await query(handOverAgain, [[ticket]]);
      return undefined;
    }
    const [run] = await insist(() => query<ClaimedRun>(claimRun, [ticket, lease]));
    const job = run && jobs().get(run.name);
    if (!run || !job) return undefined;
    const ending = new AbortController();
    const at: UnderWay = { run, began: performance.now(), ending, done: 0, total: null };
    underWay.set(ticket, at);
    keepBeating();
    // Told while it was being claimed.
    if (isStopping()) ending.abort(stopping.signal.reason);
    const { fault, hopeless = false } = await perform(job, at);
    underWay.delete(ticket);
    if (underWay.size === 0) {
      clearInterval(beating);
      beating = undefined;
    }
    if (at.fate === 'lost') return undefined;
    const end = endingOf(at, job, fault, hopeless);
    const [ours] = await finish(ticket, end, at);
    if (!ours) {
      log.warn({ job: run.name, run: run.id }, 'another process had taken the run over before it ended');
      return undefined;
    }
    if (end.state !== 'queued') count(run.name, end.state, at.began);
    else if (end.failed) count(run.name, 'retried', at.began);
    if (end.state === 'queued') requeued();
    if (!end.failed) return undefined;
    log.error({ err: fault, job: run.name, run: run.id, state: end.state }, 'run failed');
    return fault instanceof Error ? fault : new Error(String(fault));
  }

  return {
    counts,
    take(ticket) {
      const taking = work(ticket).catch((fault: unknown) => {
        log.warn({ err: fault }, 'the row of a run could not be kept; it will be taken up again');
        return undefined;
      });
      takes.add(taking);
      void taking.then(() => takes.delete(taking));
      return taking;
    },
    async stop() {
      stopping.abort(new Error('the process is stopping'));
      for (const { ending } of underWay.values()) ending.abort(stopping.signal.reason);
      const enough = new AbortController();
      await Promise.race([
        Promise.all(takes),
        sleep(drainTime, undefined, { signal: enough.signal }).catch(() => undefined),
      ]);
      enough.abort();
      clearInterval(beating);
      // Cut off with the process; with a new ticket another one need not wait for the lease to run out.
      const left = [...underWay.keys()];
      await Promise.all(left.map((ticket) => finish(ticket, { state: 'queued' }).catch(() => undefined)));
    },
  };
}
