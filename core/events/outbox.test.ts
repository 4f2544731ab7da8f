import assert from 'node:assert/strict';
import { z } from 'zod';
import { type Database, openDatabase } from '../db/database.ts';
import { createTransact, type Transact } from '../db/transaction.ts';
import { createLog } from '../log/log.ts';
import { type TestDatabase, testCaller, testDatabase } from '../testing/index.ts';
import { createEvents, type Events } from './outbox.ts';

const log = createLog('silent');
const added = z.object({ title: z.string(), at: z.coerce.date().optional() });

describe('an event', () => {
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
  const makeDue = () => db.query('UPDATE outbox SET due_at = now()');
  const fail = () => {
    throw new Error('abort');
  };

  it('reaches hooks for whatever event they hear of, with its name, inside the transaction', async () => {
    const seen: unknown[] = [];
    events.hookAny(
      'gazette',
      (name) => name.endsWith('.added'),
      async (_tx, name, payload) => void seen.push([name, payload]),
    );
    events.hookAny('deaf', () => false, fail);
    events.declare('book.lost', added);
    assert.deepEqual([events.isHeard('book.added'), events.isHeard('book.lost')], [true, false]);
    await emit('a');
    events.forget('gazette');
    await emit('b');
    assert.deepEqual(seen, [['book.added', { title: 'a' }]]);
  });

  it('reaches hooks inside the transaction, with what the schema makes of it', async () => {
    const seen: unknown[] = [];
    events.hook('shelf', 'book.added', async (tx, payload) => {
      seen.push(payload);
      await tx.query('CREATE TABLE hooked ()');
    });
    await transact(testCaller(), (tx) =>
      events.emit(tx, 'book.added', { title: 'a', at: '2026-01-01T00:00:00Z' }),
    );
    assert.deepEqual(seen, [{ title: 'a', at: new Date('2026-01-01T00:00:00Z') }]);
    assert.deepEqual(await db.query("SELECT to_regclass('hooked') IS NOT NULL AS there"), [{ there: true }]);
  });

  it('is undone, with the write, by a hook that throws', async () => {
    events.hook('shelf', 'book.added', async (tx) => {
      await tx.query('CREATE TABLE hooked ()');
      throw new Error('the shelf is full');
    });
    events.subscribe('mail', 'book.added', 'tell', async () => undefined);
    await assert.rejects(emit('a'), /the shelf is full/);
    assert.deepEqual(await db.query("SELECT to_regclass('hooked') IS NULL AS gone"), [{ gone: true }]);
    assert.deepEqual(await waiting(), []);
  });

  it('is delivered after the commit, once to each subscriber, and then forgotten', async () => {
    const seen: string[] = [];
    events.subscribe(
      'mail',
      'book.added',
      'tell',
      async ({ title }: { title: string }) => void seen.push(`mail ${title}`),
    );
    events.subscribe(
      'web',
      'book.added',
      'tell',
      async ({ title }: { title: string }) => void seen.push(`web ${title}`),
    );
    await emit('a', () => assert.deepEqual(seen, []));
    assert.equal(await events.deliverDue(), 2);
    assert.deepEqual(seen.sort(), ['mail a', 'web a']);
    assert.equal(await events.deliverDue(), 0);
    assert.deepEqual(await waiting(), []);
  });

  it('is not delivered where the transaction is rolled back or dry', async () => {
    events.subscribe('mail', 'book.added', 'tell', async () => undefined);
    await assert.rejects(emit('a', fail), /abort/);
    await transact(testCaller(), (tx) => events.emit(tx, 'book.added', { title: 'a' }), { dryRun: true });
    assert.deepEqual(await waiting(), []);
  });

  it('is refused where its payload does not fit', async () => {
    events.subscribe('mail', 'book.added', 'tell', async () => undefined);
    await assert.rejects(
      transact(testCaller(), (tx) => events.emit(tx, 'book.added', { titel: 'a' })),
      { name: 'ZodError' },
    );
  });

  it('that nobody declared is refused', () => {
    assert.throws(
      () => events.hook('x', 'book.lost', async () => undefined),
      /No plugin declares the event book\.lost/,
    );
    assert.throws(() => events.subscribe('x', 'book.lost', 's', async () => undefined), /declares/);
  });

  it('has one subscriber of a name', () => {
    events.subscribe('mail', 'book.added', 'tell', async () => undefined);
    assert.throws(() => events.subscribe('mail', 'book.added', 'tell', async () => undefined), /mail\/tell/);
  });

  it('is tried again, later each time, until it succeeds', async () => {
    let failures = 3;
    let delivered = 0;
    events.subscribe('mail', 'book.added', 'tell', async () => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('mail server away');
      }
      delivered += 1;
    });
    await emit('a');
    for (const [attempts, wait] of [
      [1, 1],
      [2, 2],
      [3, 4],
    ]) {
      assert.equal(await events.deliverDue(), 1);
      assert.equal(await events.deliverDue(), 0, 'not before it is due');
      assert.deepEqual(await waiting(), [{ attempts, wait, last_error: 'Error: mail server away' }]);
      await makeDue();
    }
    await events.deliverDue();
    assert.deepEqual([delivered, await waiting()], [1, []]);
  });

  it('does not hold up others when its delivery fails', async () => {
    const seen: string[] = [];
    events.subscribe('mail', 'book.added', 'tell', async ({ title }: { title: string }) => {
      if (title === 'bad') throw new Error('no');
      seen.push(title);
    });
    await emit('bad');
    await emit('good');
    await events.deliverDue();
    assert.deepEqual(seen, ['good']);
  });

  it('counts a delivery that hangs as failed', async () => {
    const hasty = newEvents(db, { deliveryTimeout: 50 });
    hasty.subscribe('mail', 'book.added', 'tell', () => new Promise(() => undefined));
    await transact(testCaller(), (tx) => hasty.emit(tx, 'book.added', { title: 'a' }));
    await hasty.deliverDue();
    assert.partialDeepStrictEqual(await waiting(), [
      { attempts: 1, last_error: 'Error: it took over 50 ms' },
    ]);
  });

  it('of a forgotten owner goes nowhere', async () => {
    events.hook('shelf', 'book.added', fail);
    events.subscribe('shelf', 'book.added', 'tell', fail);
    events.forget('shelf');
    await emit('a');
    assert.deepEqual(await waiting(), []);
  });
});
