import { CronExpressionParser } from 'cron-parser';
import type { z } from 'zod';
import type { Caller } from '../auth/caller.ts';

/** What one run of a job is given. */
export interface JobRun<Data> {
  /** What its `data` schema makes of `{}`. */
  readonly data: Data;
  /** For the job's transactions: `job:<plugin>.<job>`, with a change id of this run's own. */
  readonly caller: Caller;
  /** Aborted when the process stops, or when another has taken the job over: end soon, the rest is done by the next run. */
  readonly signal: AbortSignal;
  /** The moment of the schedule that this run is for. */
  readonly occurrence: Date;
}

/** What one run of a queued job is given. */
export interface QueuedRun<Data> extends Pick<JobRun<Data>, 'caller'> {
  /** What was enqueued, parsed. */
  readonly data: Data;
  /** Of the row in `job_run`, and of `GET /jobs/{id}`. */
  readonly id: number;
  /** 1 for the first time that it is begun; higher after a failure, a crash or a stop. */
  readonly attempt: number;
  /** Aborted when the run is cancelled, when the process stops, or when another has taken the run over: throw or return soon. */
  readonly signal: AbortSignal;
  /** Tells how far it is, at no cost: it is written down once a second. */
  progress(done: number, total?: number): void;
}

/** A job by the clock, as a plugin writes it: house-keeping that must go on without a queue. */
export interface JobDefinition<Data extends z.ZodType | undefined> {
  /** Lower case letters, digits and dashes; with the plugin's name before it (`allocation.expire`), its name for ever. */
  name: string;
  /** When it runs: a cron expression of five fields, or of six with the seconds first; UTC. */
  every: string;
  /** What a run takes, with a default for everything. */
  data?: Data;
  /** Runs at least once per occurrence, in one process: a run that was cut short is repeated. */
  run(run: JobRun<Data extends z.ZodType ? z.output<Data> : undefined>): Promise<unknown>;
}

/** What becomes of a run that throws. */
export interface Retry {
  /** How often it is tried in all, 1 to 100; 3 unless told. */
  attempts?: number;
  /** Milliseconds before the second time, doubled each further time; 5 s unless told. */
  delay?: number;
  /** The longest wait, in milliseconds; 10 min unless told. */
  most?: number;
}

/** A job that is enqueued, as a plugin writes it. */
export interface QueuedDefinition<Data extends z.ZodType> {
  /** As of a job by the clock. */
  name: string;
  /** What is enqueued, checked when it is and again before each run. It is kept and shown to whoever may read jobs: no secrets. */
  data: Data;
  every?: never;
  /** Enqueues it by the clock too, with what `data` makes of `{}`: a cron expression, as of `every`. */
  repeat?: string;
  retry?: Retry;
  /** How many of its runs one process works at once; 1 unless told. */
  concurrency?: number;
  /** Runs at least once until it has returned: what a crash or a stop cut short is begun again, so make it harmless to repeat. */
  run(run: QueuedRun<z.output<Data>>): Promise<unknown>;
}

/** A job by the clock, its data's type forgotten. */
export interface PeriodicJob {
  readonly name: string;
  readonly every: string;
  readonly data?: z.ZodType;
  readonly run: (run: JobRun<never>) => Promise<unknown>;
}

/** A job that is enqueued; `Data` is its schema. */
export interface QueuedJob<Data extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly every?: never;
  readonly data: Data;
  readonly repeat?: string;
  readonly retry: Required<Retry>;
  readonly concurrency: number;
  readonly run: (run: QueuedRun<never>) => Promise<unknown>;
}

export type Job = PeriodicJob | QueuedJob;

/** Declares a job that runs by the clock, where it says `every`; else one that is enqueued. */
export function job<Data extends z.ZodType | undefined = undefined>(
  definition: JobDefinition<Data>,
): PeriodicJob;
export function job<Data extends z.ZodType>(definition: QueuedDefinition<Data>): QueuedJob<Data>;
export function job(definition: JobDefinition<z.ZodType> | QueuedDefinition<z.ZodType>): Job {
  if (definition.every !== undefined) return Object.freeze({ ...definition }) as PeriodicJob;
  const { concurrency = 1, retry } = definition;
  return Object.freeze({
    ...definition,
    concurrency,
    retry: Object.freeze({ attempts: 3, delay: 5_000, most: 600_000, ...retry }),
  }) as QueuedJob;
}

/** Whether a job is enqueued, and not by the clock alone. */
export function isQueued(job: Job): job is QueuedJob {
  return job.every === undefined;
}

/** Milliseconds to wait after a run has failed so many times. */
export function pauseAfter(
  failures: number,
  { delay, most }: Pick<Required<Retry>, 'delay' | 'most'>,
): number {
  return Math.min(most, delay * 2 ** (failures - 1));
}

/** The first occurrence of a cron expression after a moment; throws where it is none of five or six fields. */
export function nextOccurrence(every: string, after: Date): Date {
  const fields = every.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) throw new Error('a cron expression has five or six fields');
  return CronExpressionParser.parse(every, { currentDate: after, tz: 'UTC' }).next().toDate();
}
