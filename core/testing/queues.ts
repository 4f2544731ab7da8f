import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../db/database.ts';
import { createQueueBoard } from '../jobs/board.ts';
import { openBullQueue } from '../jobs/bull.ts';
import type { RunningJobs } from '../jobs/jobs.ts';
import { openPgBossQueue } from '../jobs/pgboss.ts';
import type { JobQueue } from '../jobs/queue.ts';
import { createLog, type Log } from '../log/log.ts';
import type { AnyPlugin } from '../plugin/define.ts';
import { bootHost, type Host, type HostOptions } from '../plugin/host.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { ownServer } from './own-server.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

export const drivers = ['bull', 'pg-boss'] as const;

/** Pauses that tests can wait for. */
export const hasty = {
  lease: 1_500,
  beatEvery: 100,
  pollEvery: 50,
  sweepEvery: 200,
  lookAfter: 1_000,
  drainTime: 500,
};

/** A process that has enqueued and, unless told, works. */
export interface TestProcess {
  host: Host;
  db: Database;
  /** As on SIGTERM. */
  stop(): Promise<void>;
}

/** A database and, for Bull, a Redis, that several processes share. */
export class QueueBench {
  readonly driver: (typeof drivers)[number];
  /** With its own server, which a test may crash. */
  readonly #ownServer: boolean;
  #database: TestDatabase | undefined;
  #processes: TestProcess[] = [];
  redis: TestRedis | undefined;
  owner!: Database;

  constructor(driver: (typeof drivers)[number], { ownServer = false } = {}) {
    this.driver = driver;
    this.#ownServer = ownServer;
  }

  get database(): TestDatabase {
    if (!this.#database) throw new Error('open it first');
    return this.#database;
  }

  readonly open = async (): Promise<void> => {
    this.#database = this.#ownServer ? await ownServer() : await testDatabase();
    this.owner = openDatabase({ url: this.database.url, poolSize: 2 });
    if (this.driver === 'bull') this.redis = await startTestRedis({ durable: true });
  };

  readonly close = async (): Promise<void> => {
    await this.redis?.start();
    for (const each of this.#processes.splice(0)) await each.stop();
    await this.owner.close();
    await this.database.drop();
    await this.redis?.stop();
  };

  /** Stops all processes and forgets all runs. */
  readonly clear = async (): Promise<void> => {
    for (const each of this.#processes.splice(0)) await each.stop();
    await this.owner.query('DELETE FROM job_run; DELETE FROM periodic_job; DELETE FROM pgboss.job');
  };

  /** Boots a host of these plugins and starts its queue, as `main.ts` does. */
  async start(
    plugins: readonly AnyPlugin[],
    { working = true, ...options }: Partial<HostOptions> & { working?: boolean } = {},
  ): Promise<TestProcess> {
    const db = openDatabase({ url: this.database.applicationUrl });
    const log = createLog(process.env.TEST_LOG_LEVEL ?? 'silent');
    const host = await bootHost({
      builtIn: plugins,
      db,
      owner: this.owner,
      env: {},
      log,
      issueToken: () => 'token',
      jobs: hasty,
      ...options,
    });
    const queue = openTestQueue(this.redis?.url, db, log);
    const running: RunningJobs = host.jobs.start(queue, { working });
    let stopped: Promise<void> | undefined;
    const started: TestProcess = {
      host,
      db,
      stop() {
        stopped ??= running.stop().then(() => db.close());
        return stopped;
      },
    };
    this.#processes.push(started);
    return started;
  }
}

/** A queue that looks often. */
export function openTestQueue(redisUrl: string | undefined, db: Database, log: Log): JobQueue {
  return redisUrl ? openBullQueue(redisUrl, log) : openPgBossQueue(db, log, { pollEvery: 50 });
}

/** Bull's board of one job's queue, in which there is one ticket. */
export async function openTestBoard(redisUrl: string, job: string) {
  const queue = openBullQueue(redisUrl, createLog('silent'));
  await queue.add(job, [{ id: randomUUID(), priority: 0, delay: 0 }]);
  return { queueBoard: (path: string) => createQueueBoard(queue, [job], path), close: queue.close };
}

/** Waits until something is so, at most `patience` milliseconds. */
export async function until(isSo: () => boolean | Promise<boolean>, patience = 10_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`It is not so after ${patience} ms: ${isSo}`);
    await sleep(10);
  }
}
