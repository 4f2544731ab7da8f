import type { RunQuery } from '../db/database.ts';
import { purgeIdempotencyKeys } from '../http/idempotency.ts';
import { type Job, job } from '../jobs/job.ts';
import { purgeJobRuns } from '../jobs/retention.ts';

/** The kernel's own jobs. */
export function kernelJobs(query: RunQuery): Job[] {
  return [
    job({ name: 'purge-idempotency-keys', every: '7 * * * *', run: () => purgeIdempotencyKeys(query) }),
    job({ name: 'purge-job-runs', every: '37 * * * *', run: ({ signal }) => purgeJobRuns(query, signal) }),
  ];
}
