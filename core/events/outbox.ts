import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { type Database, named } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import type { Log } from '../log/log.ts';
import { withTimeout } from '../timeout.ts';

type Deliver = (payload: never) => Promise<void>;
type Hook = (tx: Tx, payload: never) => Promise<void>;
type AnyHook = (tx: Tx, name: string, payload: unknown) => Promise<void>;

interface Owned<T> {
  owner: string;
  does: T;
}

/** Events by name: hooks inside the writing transaction, and deliveries after its commit. */
export interface Events {
  declare(name: string, schema: z.ZodType): void;
  emit(tx: Tx, name: string, payload: unknown): Promise<void>;
  /** Whether a hook or subscriber listens to an event. */
  isHeard(name: string): boolean;
  hook(owner: string, name: string, hook: Hook): void;
  /** The same for every event that `hears` answers true of, asked at each. */
  hookAny(owner: string, hears: (name: string) => boolean, hook: AnyHook): void;
  /** A delivery is kept under `owner/subscriber` until it succeeds. */
  subscribe(owner: string, name: string, subscriber: string, deliver: Deliver): void;
  /** Takes away all that an owner hooked and subscribed, when it turns out unusable. */
  forget(owner: string): void;
  /** Delivers what is due, once; answers how many it tried. */
  deliverDue(): Promise<number>;
  /** Delivers until stopped; the promise ends when the delivery under way has. */
  start(): { stop(): Promise<void> };
}

const insert = named(
  'outbox_insert',
  'INSERT INTO outbox (event, subscriber, payload) SELECT $1, s, $3::jsonb FROM unnest($2::text[]) s',
);
// The row lock lasts as long as the delivery, so that replicas share the work and a crash gives it back at once.
const take = `SELECT id, event, subscriber, payload, attempts FROM outbox
  WHERE due_at <= now() AND subscriber = ANY($1) ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;
const postpone = `UPDATE outbox SET attempts = attempts + 1, last_error = $2,
  due_at = now() + least(interval '1 hour', interval '1 second' * 2 ^ least(attempts, 12)) WHERE id = $1`;

interface Due {
  id: number;
  event: string;
  subscriber: string;
  payload: unknown;
  attempts: number;
}

interface EventsOptions {
  /** Milliseconds between looks at the outbox when nobody wakes it. */
  pollEvery?: number;
  /** The longest that a delivery may take, in milliseconds; it holds a connection and a row meanwhile. */
  deliveryTimeout?: number;
}

/** Makes the events of one host. A delivery happens at least once; one that throws is tried again, later each time. */
export function createEvents(db: Database, log: Log, options: EventsOptions = {}): Events {
  const { pollEvery = 1_000, deliveryTimeout = 30_000 } = options;
  const schemas = new Map<string, z.ZodType>();
  const hooks = new Map<string, Owned<Hook>[]>();
  let anyHooks: (Owned<AnyHook> & { hears(name: string): boolean })[] = [];
  const subscribers = new Map<string, Map<string, Owned<Deliver>>>();
  let wake: () => void = () => undefined;

  function known(name: string): z.ZodType {
    const schema = schemas.get(name);
    if (!schema) throw new Error(`No plugin declares the event ${name}.`);
    return schema;
  }

  function isHeard(name: string): boolean {
    if (subscribers.get(name)?.size || hooks.get(name)?.length) return true;
    return anyHooks.some(({ hears }) => hears(name));
  }

  async function emit(tx: Tx, name: string, payload: unknown): Promise<void> {
    if (!isHeard(name)) return;
    const onCommit = subscribers.get(name);
    const inTransaction = hooks.get(name);
    const parsed = known(name).parse(payload);
    for (const { does } of inTransaction ?? []) await does(tx, parsed as never);
    for (const { hears, does } of anyHooks) if (hears(name)) await does(tx, name, parsed);
    if (onCommit?.size) {
      await tx.query(insert, [name, [...onCommit.keys()], JSON.stringify(payload)]);
      tx.afterCommit(() => wake());
    }
  }

  async function deliver({ event, subscriber, payload }: Due): Promise<void> {
    const delivery = subscribers.get(event)?.get(subscriber);
    if (!delivery) throw new Error(`${subscriber} does not listen to ${event} any more`);
    const parsed = known(event).parse(payload) as never;
    await withTimeout(delivery.does(parsed), deliveryTimeout, `it took over ${deliveryTimeout} ms`);
  }

  async function deliverOne(names: string[]): Promise<boolean> {
    return db.withConnection(async (connection) => {
      await connection.query('BEGIN');
      try {
        const due = (await connection.query(take, [names])).rows[0] as Due | undefined;
        if (due) {
          try {
            await deliver(due);
            await connection.query('DELETE FROM outbox WHERE id = $1', [due.id]);
          } catch (fault) {
            log.warn(
              { err: fault, event: due.event, subscriber: due.subscriber, attempt: due.attempts + 1 },
              'delivery failed',
            );
            await connection.query(postpone, [due.id, String(fault)]);
          }
        }
        await connection.query('COMMIT');
        return due !== undefined;
      } catch (fault) {
        await connection.query('ROLLBACK').catch(() => undefined);
        throw fault;
      }
    });
  }

  async function deliverDue(ending?: AbortSignal): Promise<number> {
    const names = [...subscribers.values()].flatMap((byName) => [...byName.keys()]);
    let tried = 0;
    while (names.length > 0 && !ending?.aborted && (await deliverOne(names))) tried += 1;
    return tried;
  }

  return {
    declare: (name, schema) => void schemas.set(name, schema),
    emit,
    isHeard,
    hook: (owner, name, does) => {
      known(name);
      hooks.set(name, [...(hooks.get(name) ?? []), { owner, does }]);
    },
    hookAny: (owner, hears, does) => void anyHooks.push({ owner, hears, does }),
    subscribe: (owner, name, subscriber, does) => {
      known(name);
      const key = `${owner}/${subscriber}`;
      const taken = [...subscribers.values()].some((byName) => byName.has(key));
      if (taken) throw new Error(`Two subscribers are called ${key}; a delivery is kept under that name.`);
      subscribers.set(name, (subscribers.get(name) ?? new Map()).set(key, { owner, does }));
    },
    forget: (owner) => {
      anyHooks = anyHooks.filter((hook) => hook.owner !== owner);
      for (const [name, all] of hooks)
        hooks.set(
          name,
          all.filter((hook) => hook.owner !== owner),
        );
      for (const byName of subscribers.values()) {
        for (const [key, subscriber] of byName) if (subscriber.owner === owner) byName.delete(key);
      }
    },
    deliverDue: () => deliverDue(),
    start() {
      const ending = new AbortController();
      const loop = (async () => {
        while (!ending.signal.aborted) {
          const pause = new AbortController();
          wake = () => pause.abort();
          await deliverDue(ending.signal).catch((fault) =>
            log.warn({ err: fault }, 'the outbox could not be read'),
          );
          const either = AbortSignal.any([ending.signal, pause.signal]);
          await sleep(pollEvery, undefined, { signal: either }).catch(() => undefined);
        }
      })();
      return {
        async stop() {
          ending.abort();
          await loop;
        },
      };
    },
  };
}
