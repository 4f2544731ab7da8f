import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineErrors } from '../errors/problem.ts';
import { books } from '../testing/fixtures/books.ts';
import { type TestDatabase, testCaller, testDatabase } from '../testing/index.ts';
import { keptLog } from '../testing/log.ts';
import { type Database, openDatabase } from './database.ts';
import { createTransact, type Transact, type Tx } from './transaction.ts';

const source = { owner: 'books', folder: books.definition.migrations as URL };
const errors = defineErrors({ taken: { code: 'taken', status: 409, title: 'Taken' } });

describe('a transaction among others', () => {
  let database: TestDatabase;
  let db: Database;
  let transact: Transact;
  const { log } = keptLog();

  before(async () => {
    database = await testDatabase([source]);
    db = openDatabase({ url: database.url, lockTimeout: 1_000 });
    transact = createTransact(db, { book_title_key: { problem: errors.taken } }, log);
  });
  after(async () => {
    await db.close();
    await database.drop();
  });
  beforeEach(() => db.query('TRUNCATE book RESTART IDENTITY'));

  const add = (tx: Tx, title: string, shelf: number | null = null) =>
    tx.query('INSERT INTO book (title, shelf_id) VALUES ($1, $2)', [title, shelf]);
  const titles = async () =>
    (await db.query<{ title: string }>('SELECT title FROM book ORDER BY title')).map(({ title }) => title);

  it('is run again where it lost a deadlock', async () => {
    await transact(testCaller(), async (tx) => {
      await add(tx, 'a');
      await add(tx, 'b');
    });
    const attempts = { 'a→b': 0, 'b→a': 0 };
    const held = { 'a→b': Promise.withResolvers<void>(), 'b→a': Promise.withResolvers<void>() };
    const readBoth = (first: string, second: string, name: keyof typeof attempts) =>
      transact(testCaller(), async (tx) => {
        attempts[name] += 1;
        await tx.query('UPDATE book SET times_read = times_read + 1 WHERE title = $1', [first]);
        held[name].resolve();
        await Promise.all([held['a→b'].promise, held['b→a'].promise]);
        await tx.query('UPDATE book SET times_read = times_read + 1 WHERE title = $1', [second]);
      });
    // The server looks for deadlocks only after deadlock_timeout, a second; lock_timeout must be longer.
    const patient = openDatabase({ url: database.url, lockTimeout: 10_000 });
    const before = transact;
    transact = createTransact(patient, {}, log);
    await Promise.all([readBoth('a', 'b', 'a→b'), readBoth('b', 'a', 'b→a')]);
    transact = before;
    await patient.close();
    const read = await db.query('SELECT times_read AS n FROM book');
    assert.deepEqual(read, [{ n: 2 }, { n: 2 }]);
    assert.equal(attempts['a→b'] + attempts['b→a'], 3);
  });

  it('is run again where it could not be serialised', async () => {
    await transact(testCaller(), (tx) => add(tx, 'a'));
    let attempts = 0;
    await transact(testCaller(), async (tx) => {
      attempts += 1;
      if (attempts === 1) await tx.query('DO $$ BEGIN RAISE serialization_failure; END $$');
      await add(tx, 'b');
    });
    assert.deepEqual([attempts, await titles()], [2, ['a', 'b']]);
  });

  it('gives up after a few attempts, with 503', async () => {
    let attempts = 0;
    const unlucky = transact(testCaller(), async (tx) => {
      attempts += 1;
      await tx.query('DO $$ BEGIN RAISE deadlock_detected; END $$');
    });
    await assert.rejects(unlucky, { status: 503, headers: { 'Retry-After': '1' } });
    assert.equal(attempts, 6);
  });

  it('waits for a lock no longer than allowed', async () => {
    await transact(testCaller(), (tx) => add(tx, 'a'));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holder = transact(testCaller(), async (tx) => {
      await tx.query('SELECT 1 FROM book FOR UPDATE');
      await held;
    });
    await sleep(50);
    const waiting = transact(testCaller(), (tx) => tx.query('UPDATE book SET pages = 1'));
    await assert.rejects(waiting, { status: 503 });
    release();
    await holder;
  });
});
