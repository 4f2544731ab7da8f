import type { RunQuery } from '../db/database.ts';
import { purgeRuns } from './runs.ts';

/** Days for which runs are kept after their end: those that went well or were cancelled, and those that failed. */
const keptFor = { ended: 7, failed: 30 } as const;

/** Deletes the runs that ended long enough ago, in pieces, until told to end. */
export async function purgeJobRuns(query: RunQuery, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const gone = await query(purgeRuns, [keptFor.ended, keptFor.failed]);
    if (gone.length === 0) return;
  }
}
