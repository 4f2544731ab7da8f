import type { Database } from '../db/database.ts';
import type { PanelKernel } from '../http/panel.ts';
import type { Log } from '../log/log.ts';
import type { JobQueue } from './queue.ts';

/** A queue, and what shows it in the panel where there is something that does. */
export interface OpenQueue {
  queue: JobQueue;
  /** Bull's board; undefined for pg-boss. */
  board?: PanelKernel['queueBoard'];
}

/** Opens the queue: Bull where there is a Redis, else pg-boss. It need not answer yet; each library is imported where it is used. */
export async function openQueue(options: {
  redisUrl: string | undefined;
  db: Database;
  log: Log;
  /** The full names of the jobs that are enqueued. */
  jobs: readonly string[];
}): Promise<OpenQueue> {
  const { redisUrl, db, log, jobs } = options;
  if (redisUrl === undefined) {
    const { openPgBossQueue } = await import('./pgboss.ts');
    return { queue: openPgBossQueue(db, log) };
  }
  const [{ openBullQueue }, { createQueueBoard }] = await Promise.all([
    import('./bull.ts'),
    import('./board.ts'),
  ]);
  const queue = openBullQueue(redisUrl, log);
  return { queue, board: (path) => createQueueBoard(queue, jobs, path) };
}
