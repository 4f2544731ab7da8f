import { DatabaseSync } from 'node:sqlite';

const PAUSE_MS = 25;
const PATIENCE_MS = 180_000;
const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other caller, in this process or another, holds the lock file at `path`.
 * Node offers no flock(2), but its SQLite takes a kernel lock, which goes with its holder even after kill -9:
 * a pid written into a file would have to be judged stale, and two judges can race. Throws after three minutes.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(path);
  try {
    await acquire(lock, path);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(lock: DatabaseSync, path: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      if (performance.now() > deadline) {
        throw new Error(`Another process has held ${path} for ${PATIENCE_MS / 1000} s.`, { cause: error });
      }
    }
    await new Promise((wake) => setTimeout(wake, PAUSE_MS));
  }
}
