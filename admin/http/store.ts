import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { Redis } from 'ioredis';
import type { Database } from '#core';

/** Where sessions are kept. */
export interface SessionStore {
  store: session.Store;
  /** Forgets those that have ended, where nobody else does. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** Sessions in the register's own database, table panel_session. */
export function sessionsInPostgres(db: Database): SessionStore {
  const Store = connectPgSimple(session);
  const pool = {
    query: (text: string, values?: unknown[]) =>
      db.lend((connection) => connection.query(text, values as unknown[])),
  };
  return {
    store: new Store({ pool: pool as never, tableName: 'panel_session', pruneSessionInterval: false }),
    sweep: async () => void (await db.query('DELETE FROM panel_session WHERE expire < now()')),
    close: async () => undefined,
  };
}

/** Sessions in Redis, under `{cadastre}:session:`. While it is away every question fails at once, and it is tried again. */
export function sessionsInRedis(url: string, report: (fault: Error) => void): SessionStore {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 2_000 });
  redis.on('error', report);
  // What connect-redis calls of the other Redis client.
  const client = {
    get: (key: string) => redis.get(key),
    set: (key: string, value: string, { expiration }: { expiration: { value: number } }) =>
      redis.set(key, value, 'EX', expiration.value),
    expire: (key: string, seconds: number) => redis.expire(key, seconds),
    del: (keys: string[]) => redis.del(keys),
  };
  return {
    store: new RedisStore({ client: client as never, prefix: '{cadastre}:session:' }),
    sweep: async () => undefined,
    close: async () => redis.disconnect(),
  };
}
