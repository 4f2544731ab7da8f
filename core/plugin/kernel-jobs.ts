import type { RunQuery } from '../db/database.ts';
import { purgeIdempotencyKeys } from '../http/idempotency.ts';
import { type Job, job } from '../jobs/job.ts';

/** The kernel's own jobs. */
export function kernelJobs(query: RunQuery): Job[] {
  return [
    job({ name: 'purge-idempotency-keys', every: '7 * * * *', run: () => purgeIdempotencyKeys(query) }),
  ];
}
