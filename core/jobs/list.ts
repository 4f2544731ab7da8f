import { z } from 'zod';
import { named, type RunQuery } from '../db/database.ts';
import { choiceFilters, integerFilters, textFilters, timeFilters } from '../http/filters.ts';
import { listing } from '../http/listing.ts';
import { jobStates } from './runs.ts';

/** A run on the wire. */
export const jobRun = z
  .object({
    id: z.int(),
    name: z.string().meta({ description: 'The job: `plugin.job`. It has a queue of its own, of this name.' }),
    plugin: z.string(),
    state: z.enum(jobStates),
    priority: z.int().meta({ description: '0 to 100, higher is sooner.' }),
    progress: z.object({ done: z.int(), total: z.int().nullable() }),
    attempts: z.int().meta({ description: 'How often it was begun.' }),
    error: z.string().nullable().meta({ description: 'What the last failure said.' }),
    data: z.json(),
    dedupeKey: z.string().nullable(),
    actor: z.string().meta({ description: 'Who enqueued it.' }),
    changeId: z.string().meta({ description: 'The change that what it does belongs to.' }),
    dueAt: z.iso.datetime(),
    cancelRequestedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable().meta({ description: 'When it was begun last.' }),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'JobRun' });

export type JobRunView = z.output<typeof jobRun>;

const fields = {
  id: 'id',
  name: 'name',
  plugin: 'plugin',
  state: 'state',
  priority: 'priority',
  'progress.done': 'progress_done',
  'progress.total': 'progress_total',
  attempts: 'attempts',
  error: 'error',
  data: 'data',
  dedupeKey: 'dedupe_key',
  actor: 'actor',
  changeId: 'change_id',
  dueAt: 'due_at',
  cancelRequestedAt: 'cancel_requested_at',
  createdAt: 'created_at',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
};

/** The list of runs, the newest first. */
export const jobList = listing({
  item: jobRun,
  fields,
  from: 'job_run',
  table: 'job_run',
  idSql: 'id',
  sorts: {
    id: { sql: 'id', type: 'bigint' },
    name: { sql: 'name', type: 'text' },
    finishedAt: { sql: 'finished_at', type: 'timestamptz', nullable: true },
  },
  defaultSort: '-id',
  filters: {
    ...textFilters('name', 'name'),
    ...textFilters('queue', 'name'),
    ...textFilters('plugin', 'plugin'),
    ...choiceFilters('state', 'state', jobStates),
    ...integerFilters('priority', 'priority'),
    ...textFilters('dedupeKey', 'dedupe_key'),
    ...textFilters('actor', 'actor'),
    ...timeFilters('createdAt', 'created_at'),
    ...timeFilters('startedAt', 'started_at'),
    ...timeFilters('finishedAt', 'finished_at'),
  },
});

const columns = Object.entries(fields).map(([name, sql]) => `${sql} AS "${name}"`);
const one = named('job_run_by_id', `SELECT ${columns.join(', ')} FROM job_run WHERE id = $1`);

/** One run as the list shows it. */
export async function findRun(query: RunQuery, id: number): Promise<JobRunView | undefined> {
  const [run] = await query<JobRunView>(one, [id]);
  return run;
}
