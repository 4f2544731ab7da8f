import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { type Database, openDatabase } from '../db/database.ts';
import { createTransact, type Transact } from '../db/transaction.ts';
import { createLog } from '../log/log.ts';
import { type TestDatabase, testCaller, testDatabase } from '../testing/index.ts';
import { createEvents, type Events } from './outbox.ts';

const log = createLog('silent');
const added = z.object({ title: z.string(), at: z.coerce.date().optional() });

describe('the delivery of an event', () => {
  let database: TestDatabase;
  let db: Database;
  let events: Events;
  let transact: Transact;

  beforeEach(async () => {
    database = await testDatabase();
    db = openDatabase({ url: database.url });
    transact = createTransact(db, {}, log);
    events = newEvents(db);
  });
  afterEach(async () => {
    await db.close();
    await database.drop();
  });

  function newEvents(on: Database, options: Parameters<typeof createEvents>[2] = {}): Events {
    const made = createEvents(on, log, options);
    made.declare('book.added', added);
    return made;
  }
  const emit = (title: string, then?: () => void) =>
    transact(testCaller(), async (tx) => {
      await events.emit(tx, 'book.added', { title });
      then?.();
    });
  const waiting = () =>
    db.query<{ attempts: number; wait: number; last_error: string }>(
      'SELECT attempts, round(extract(epoch FROM due_at - now()))::int AS wait, last_error FROM outbox ORDER BY id',
    );

  it('is delivered once by two hosts on one database', async () => {
    const otherDb = openDatabase({ url: database.url });
    await otherDb.query('SELECT 1');
    const seen: string[] = [];
    const hosts = [events, newEvents(otherDb)];
    for (const host of hosts) {
      host.subscribe('mail', 'book.added', 'tell', async ({ title }: { title: string }) => {
        await sleep(5);
        seen.push(title);
      });
    }
    const titles = Array.from({ length: 40 }, (_, at) => `${at}`);
    for (const title of titles) await emit(title);
    const tried = await Promise.all(hosts.map((host) => host.deliverDue()));
    assert.deepEqual(seen.sort(), titles.sort());
    assert.ok(
      tried.every((count) => count > 0),
      `they share the work: ${tried}`,
    );
    await otherDb.close();
  });

  it('is given back at once by a host that dies in the middle of its delivery', async () => {
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const dyingDb = openDatabase({ url: database.url });
    const dying = newEvents(dyingDb, { deliveryTimeout: 300 });
    dying.subscribe('mail', 'book.added', 'tell', () => {
      begun();
      return new Promise(() => undefined);
    });
    events.subscribe('mail', 'book.added', 'tell', async () => undefined);
    await emit('a');
    const death = dying.deliverDue().catch((fault) => fault);
    await started;
    assert.equal(await events.deliverDue(), 0, 'while it is being delivered, nobody else takes it');
    const killer = new pg.Client({ connectionString: database.url });
    await killer.connect();
    await killer.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
    );
    await killer.end();
    assert.equal(await events.deliverDue(), 1);
    assert.deepEqual(await waiting(), []);
    await death;
    await dyingDb.close();
  });

  it('is delivered in the background, soon after the commit, until told to stop', async () => {
    const seen: string[] = [];
    const background = newEvents(db, { pollEvery: 60_000 });
    background.subscribe(
      'mail',
      'book.added',
      'tell',
      async ({ title }: { title: string }) => void seen.push(title),
    );
    const emitSoon = (title: string) =>
      transact(testCaller(), (tx) => background.emit(tx, 'book.added', { title }));
    await emitSoon('before the start');
    const running = background.start();
    await sleep(100);
    await Promise.all([emitSoon('a'), emitSoon('b')]);
    await emitSoon('c');
    await sleep(100);
    assert.deepEqual(seen.sort(), ['a', 'b', 'before the start', 'c']);
    await running.stop();
    await emitSoon('late');
    await sleep(50);
    assert.equal((await waiting()).length, 1);
  });

  it('waits, after a stop, for the delivery under way and begins no other', async () => {
    const seen: string[] = [];
    events.subscribe('mail', 'book.added', 'tell', async ({ title }: { title: string }) => {
      await sleep(100);
      seen.push(title);
    });
    await emit('a');
    await emit('b');
    const running = events.start();
    await sleep(50);
    await running.stop();
    assert.deepEqual(seen, ['a']);
    assert.equal((await waiting()).length, 1);
  });
});
