import type { RunQuery } from '../db/database.ts';
import type { Metric, MetricSample } from '../metrics/metric.ts';
import type { Jobs } from './jobs.ts';
import { deadRuns, liveRuns } from './runs.ts';

/** The names of the kernel's own metrics of jobs. */
export const jobMetricNames = [
  'cadastre_jobs_queued',
  'cadastre_jobs_running',
  'cadastre_jobs_failed',
  'cadastre_jobs_oldest_seconds',
  'cadastre_job_runs_total',
  'cadastre_job_seconds_total',
] as const;

interface Live {
  name: string;
  state: string;
  runs: number;
  oldest: number | null;
}

/** What waits, runs and has failed (from the database, the same in every process), and what this process has done. */
export function jobMetrics(
  jobs: Pick<Jobs, 'counts'>,
  query: RunQuery,
): Record<(typeof jobMetricNames)[number], Metric> {
  const live = async (state: string, value: (row: Live) => number): Promise<MetricSample[]> => {
    const rows = await query<Live>(liveRuns);
    return rows
      .filter((row) => row.state === state)
      .map((row) => ({ labels: { job: row.name }, value: value(row) }));
  };
  return {
    cadastre_jobs_queued: {
      help: 'Runs that wait, those of later included.',
      labels: ['job'],
      read: () => live('queued', ({ runs }) => runs),
    },
    cadastre_jobs_running: {
      help: 'Runs that a worker is at.',
      labels: ['job'],
      read: () => live('running', ({ runs }) => runs),
    },
    cadastre_jobs_oldest_seconds: {
      help: 'How long the oldest run that is due has waited, in seconds.',
      labels: ['job'],
      read: () => live('queued', ({ oldest }) => Math.max(0, oldest ?? 0)),
    },
    cadastre_jobs_failed: {
      help: 'Runs that have failed for good and are kept, to be looked at or retried.',
      labels: ['job'],
      read: async () => {
        const rows = await query<{ name: string; runs: number }>(deadRuns);
        return rows.map(({ name, runs }) => ({ labels: { job: name }, value: runs }));
      },
    },
    cadastre_job_runs_total: {
      help: 'Attempts that ended in this process, by what became of them.',
      type: 'counter',
      labels: ['job', 'result'],
      read: () =>
        [...jobs.counts].flatMap(([job, { result }]) =>
          Object.entries(result).map(([name, value]) => ({ labels: { job, result: name }, value })),
        ),
    },
    cadastre_job_seconds_total: {
      help: 'How long the attempts took that ended in this process, in seconds.',
      type: 'counter',
      labels: ['job'],
      read: () => [...jobs.counts].map(([job, { seconds }]) => ({ labels: { job }, value: seconds })),
    },
  };
}
