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
}

/** A job as a plugin writes it. */
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

/** A job whose data's type is forgotten. */
export interface Job {
  readonly name: string;
  readonly every: string;
  readonly data?: z.ZodType;
  readonly run: (run: JobRun<never>) => Promise<unknown>;
}

/** Declares a job that runs by the clock. */
export function job<Data extends z.ZodType | undefined = undefined>(definition: JobDefinition<Data>): Job {
  return Object.freeze({ ...definition }) as Job;
}

/** The first occurrence of a cron expression after a moment; throws where it is none of five or six fields. */
export function nextOccurrence(every: string, after: Date): Date {
  const fields = every.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) throw new Error('a cron expression has five or six fields');
  return CronExpressionParser.parse(every, { currentDate: after, tz: 'UTC' }).next().toDate();
}
