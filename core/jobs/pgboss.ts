import type pg from 'pg';
import { getConstructionPlans, getMigrationPlans, PgBoss } from 'pg-boss';
import type { Database } from '../db/database.ts';
import type { Log } from '../log/log.ts';
import { withTimeout } from '../timeout.ts';
import type { JobQueue } from './queue.ts';

const schema = 'pgboss';
/** The longest that closing waits for the tickets under way, in milliseconds. */
const patience = 1_000;
/** Seconds after which pg-boss forgets a ticket that was taken and whose worker died; the run has another one by then. */
const forgetAfter = 3_600;

/** Makes or updates the tables of pg-boss, in the transaction of a migration, as their owner. */
export async function installPgBoss(connection: pg.Client): Promise<void> {
  const { rows } = await connection.query<{ there: boolean }>(
    "SELECT to_regclass('pgboss.version') IS NOT NULL AS there",
  );
  const version = rows[0]?.there
    ? Number((await connection.query('SELECT version FROM pgboss.version')).rows[0].version)
    : undefined;
  const plans = version === undefined ? getConstructionPlans(schema) : getMigrationPlans(schema, version);
  // The migration is the transaction; what pg-boss brings around its own would end it half-way.
  const bare = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(plans)?.[1];
  if (bare === undefined) throw new Error('The SQL of this version of pg-boss is no single transaction.');
  await connection.query(bare);
}

/** A queue on the same PostgreSQL. `pollEvery`: milliseconds between looks for tickets that another process has added. */
export function openPgBossQueue(db: Database, log: Log, { pollEvery = 500 } = {}): JobQueue {
  const wakers = new Set<() => void>();
  const loops: Promise<void>[] = [];
  const resting = new AbortController();
  const known = new Set<string>();
  const boss = new PgBoss({
    schema,
    db: {
      executeSql: (text, values) =>
        db.lend((connection) => connection.query(text, values as unknown[]) as Promise<pg.QueryResult>),
    },
    migrate: false,
    schedule: false,
    reindex: false,
    registerInstance: false,
  });
  boss.on('error', (fault) => log.warn({ err: fault }, 'pg-boss'));
  let starting: Promise<unknown> | undefined;

  /** Also after a start that failed because the database was away. */
  async function ready(job: string): Promise<void> {
    starting ??= boss.start();
    await starting.catch((fault) => {
      starting = undefined;
      throw fault;
    });
    if (known.has(job)) return;
    await boss.createQueue(job, { retryLimit: 0, deleteAfterSeconds: forgetAfter });
    known.add(job);
  }

  function pause(): Promise<unknown> {
    return new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        wakers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, pollEvery);
      wakers.add(end);
    });
  }

  const wake = () => {
    for (const each of [...wakers]) each();
  };

  async function takeAsTheyCome(
    job: string,
    concurrency: number,
    take: (id: string) => Promise<Error | undefined>,
  ): Promise<void> {
    const underWay = new Set<string>();
    let spent: string[] = [];
    let rested = true;

    async function begin(id: string): Promise<void> {
      underWay.add(id);
      await take(id);
      underWay.delete(id);
      spent.push(id);
      wake();
    }

    /** Tickets that were used are not kept: what became of the run stands elsewhere. */
    async function forgetSpent(): Promise<void> {
      const ids = spent;
      spent = [];
      if (ids.length > 0) await boss.deleteJob(job, ids);
    }

    while (!resting.signal.aborted) {
      try {
        await ready(job);
        await forgetSpent();
        const room = concurrency - underWay.size;
        const taken = room > 0 ? await boss.fetch(job, { batchSize: room }) : [];
        for (const { id } of taken) void begin(id);
        rested = true;
        if (taken.length === room && room > 0) continue;
        if (spent.length > 0) continue;
      } catch (fault) {
        if (rested) log.warn({ err: fault, job }, 'tickets cannot be fetched; trying again');
        rested = false;
      }
      await pause();
    }
    while (underWay.size > 0) await pause();
    await forgetSpent().catch(() => undefined);
  }

  return {
    kind: 'pg-boss',
    async add(job, tickets) {
      await ready(job);
      // An interval goes by the database's clock.
      await boss.insert(
        job,
        tickets.map(({ id, priority, delay }) => ({ id, priority, startAfter: `${delay} milliseconds` })),
      );
      wake();
    },
    async waiting(job, ids) {
      await ready(job);
      const found = await Promise.all(ids.map((id) => boss.findJobs(job, { id, queued: true })));
      return new Set(found.flat().map(({ id }) => id));
    },
    async remove(job, ids) {
      await ready(job);
      if (ids.length > 0) await boss.deleteJob(job, [...ids]);
    },
    async work(job, concurrency, take) {
      loops.push(takeAsTheyCome(job, concurrency, take));
    },
    check: async () => void (await boss.isInstalled()),
    async rest() {
      resting.abort();
      wake();
    },
    async close() {
      resting.abort();
      wake();
      // What does not end by itself is no reason to stay.
      await withTimeout(Promise.all(loops), patience, 'a run goes on').catch(() => undefined);
      if (!starting) return;
      await starting.catch(() => undefined);
      await boss.stop({ graceful: false, close: false });
    },
  };
}
