import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryStore, type Options, type Store } from 'express-rate-limit';
import { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import type { Log } from '../log/log.ts';

/** Counts of requests that all processes on one Redis share. */
export interface SharedCounts {
  /** The counts of one limit. */
  store(name: string): Store;
  close(): void;
}

/** How long, in milliseconds, a request waits for Redis, and how long nobody asks it again once it failed. */
const patience = 500;
const pause = 5_000;

/** Counts in Redis, under `{cadastre}:rate:`; while it is away, in this process alone, which the log is told once. */
export async function sharedCounts(url: string, log: Log): Promise<SharedCounts> {
  const redis = new Redis(url, {
    connectTimeout: 2_000,
    commandTimeout: patience,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
  let away = false;
  let askAgainAt = 0;
  const watch: Watch = {
    mayAsk: () => redis.status === 'ready' && Date.now() >= askAgainAt,
    missed(fault) {
      askAgainAt = Date.now() + pause;
      if (away) return;
      away = true;
      log.warn({ err: fault }, 'Redis is away: each process counts by itself for the rate limits');
    },
    answered() {
      askAgainAt = 0;
      if (away) log.info('Redis is back: the processes count together for the rate limits');
      away = false;
    },
  };
  redis.on('error', watch.missed).on('ready', watch.answered);
  // The first requests should be counted where all are; a start does not hang on it.
  await Promise.race([once(redis, 'ready'), sleep(2_000, undefined, { ref: false })]).catch(() => undefined);
  return {
    store: (name) => storeOn(redis, name, watch),
    close: () => redis.disconnect(),
  };
}

/** Whether Redis is there, as told by whoever asked it last. */
interface Watch {
  mayAsk(): boolean;
  missed(fault: unknown): void;
  answered(): void;
}

function storeOn(redis: Redis, name: string, { mayAsk, missed, answered }: Watch): Store {
  const inMemory = new MemoryStore();
  const inRedis = new RedisStore({
    prefix: `{cadastre}:rate:${name}:`,
    sendCommand: (command: string, ...args: string[]) => redis.call(command, ...args) as Promise<never>,
  });
  let options: Options;
  let prepared: Promise<void> | undefined;

  /** Asks Redis, and memory where it does not answer. */
  async function ask<T>(work: (store: Store) => T | Promise<T>): Promise<T> {
    if (!mayAsk()) return work(inMemory);
    try {
      prepared ??= inRedis.init(options);
      await prepared;
      const answer = await work(inRedis as Store);
      answered();
      return answer;
    } catch (fault) {
      prepared = undefined;
      missed(fault);
      return work(inMemory);
    }
  }

  return {
    init(given) {
      options = given;
      inMemory.init(given);
    },
    increment: (key) => ask((store) => store.increment(key)),
    decrement: (key) => ask((store) => store.decrement(key)),
    resetKey: (key) => ask((store) => store.resetKey(key)),
  };
}
