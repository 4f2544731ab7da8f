import Bull from 'bull';
import { Redis } from 'ioredis';
import type { Log } from '../log/log.ts';
import { withTimeout } from '../timeout.ts';
import type { JobQueue } from './queue.ts';

/** In braces: all keys of a queue are in one slot of a Redis Cluster. */
const prefix = '{cadastre}';
/** How long Redis may take for one answer, in milliseconds. */
const patience = 5_000;
/** What is kept of used tickets, for Bull's board alone. */
const kept = { age: 7 * 24 * 3_600, count: 500 };

/** A queue on Redis, and Bull's own queues for its board. */
export interface BullQueue extends JobQueue {
  /** One of Bull's for each job, made on first use. */
  queueOf(job: string): Bull.Queue;
}

/** Opens the queue on Redis; it need not be there yet. */
export function openBullQueue(url: string, log: Log): BullQueue {
  const connections = new Set<Redis>();
  const queues = new Map<string, Bull.Queue>();
  let told = false;

  function connect(): Redis {
    const redis = new Redis(url, {
      // Commands under way when Redis goes are sent again when it is back: a worker in the middle of a run has to wait for it.
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
    });
    redis.on('error', (fault) => {
      if (!told) log.warn({ err: fault }, 'the Redis of the queue does not answer; trying again');
      told = true;
    });
    redis.on('ready', () => {
      told = false;
    });
    connections.add(redis);
    return redis;
  }

  const client = connect();
  const subscriber = connect();

  function queueOf(job: string): Bull.Queue {
    let queue = queues.get(job);
    if (!queue) {
      queue = new Bull(job, {
        prefix,
        createClient: (type) => {
          if (type === 'client') return client;
          return type === 'subscriber' ? subscriber : connect();
        },
        settings: { maxStalledCount: 1 },
        defaultJobOptions: { attempts: 1, removeOnComplete: kept, removeOnFail: kept },
      });
      queue.on('error', (fault) => log.debug({ err: fault, job }, 'Bull'));
      queues.set(job, queue);
    }
    return queue;
  }

  /** Commands for a Redis that is away would pile up in this process: refuses instead. */
  async function demandRedis(): Promise<void> {
    if (client.status === 'connecting' || client.status === 'connect') {
      await withTimeout(client.ping(), patience, 'Redis does not answer');
    }
    if (client.status !== 'ready') throw new Error(`Redis does not answer (${client.status})`);
  }

  return {
    kind: 'bull',
    queueOf,
    async add(job, tickets) {
      await demandRedis();
      const adding = queueOf(job).addBulk(
        tickets.map(({ id, priority, delay }) => ({
          data: {},
          // Bull's best is 1, and without one it comes last, in the order of arrival and without a search through the list.
          opts: { jobId: id, delay, ...(priority > 0 ? { priority: 101 - priority } : {}) },
        })),
      );
      await withTimeout(adding, patience, 'Redis does not answer');
    },
    async waiting(job, ids) {
      await demandRedis();
      const found = await withTimeout(
        Promise.all(ids.map((id) => queueOf(job).getJob(id))),
        patience,
        'Redis does not answer',
      );
      return new Set(found.flatMap((each) => (each && !each.processedOn ? [String(each.id)] : [])));
    },
    async remove(job, ids) {
      await demandRedis();
      const queue = queueOf(job);
      // One that a worker holds cannot be removed, and need not.
      await Promise.all(ids.map(async (id) => (await queue.getJob(id))?.remove().catch(() => undefined)));
    },
    async work(job, concurrency, take) {
      const processing = queueOf(job).process(concurrency, async ({ id }) => {
        const fault = await take(String(id));
        // For Bull's board; nothing else goes by it.
        if (fault) throw fault;
      });
      processing.catch((fault: unknown) => log.warn({ err: fault, job }, 'Bull stopped working'));
    },
    async check() {
      await demandRedis();
      await withTimeout(client.ping(), patience, 'Redis does not answer');
    },
    async rest() {
      if (client.status !== 'ready') return;
      const pausing = Promise.all([...queues.values()].map((queue) => queue.pause(true, true)));
      await withTimeout(pausing, patience, 'Redis does not answer').catch(() => undefined);
    },
    async close() {
      const closing = Promise.all([...queues.values()].map((queue) => queue.close(true)));
      if (client.status === 'ready') {
        await withTimeout(closing, patience, 'Redis does not answer').catch(() => undefined);
      } else {
        closing.catch(() => undefined);
      }
      for (const redis of connections) redis.disconnect();
    },
  };
}
