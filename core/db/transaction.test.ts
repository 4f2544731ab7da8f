import assert from 'node:assert/strict';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { defineErrors } from '../errors/problem.ts';
import { Book, books } from '../testing/fixtures/books.ts';
import { type TestDatabase, testCaller, testDatabase } from '../testing/index.ts';
import { keptLog } from '../testing/log.ts';
import { type Database, openDatabase } from './database.ts';
import { bindModel } from './model.ts';
import { createTransact, type Transact, type Tx } from './transaction.ts';

const source = { owner: 'books', folder: books.definition.migrations as URL };
const errors = defineErrors({ taken: { code: 'taken', status: 409, title: 'Taken' } });

describe('a transaction', () => {
  let database: TestDatabase;
  let db: Database;
  let transact: Transact;
  const { log, lines } = keptLog();

  before(async () => {
    database = await testDatabase([source]);
    db = openDatabase({ url: database.url, lockTimeout: 1_000 });
    const constraints = {
      book_title_key: { problem: errors.taken },
      book_faults: { problem: kernelErrors.invalid, atFields: true },
    };
    transact = createTransact(db, constraints, log);
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

  it('keeps all of it', async () => {
    const answer = await transact(testCaller(), async (tx) => {
      await add(tx, 'a');
      await add(tx, 'b');
      return 'done';
    });
    assert.deepEqual([answer, await titles()], ['done', ['a', 'b']]);
  });

  it('keeps nothing where the work throws, and hands the very error on', async () => {
    const fault = new Error('on second thoughts');
    await assert.rejects(
      transact(testCaller(), async (tx) => {
        await add(tx, 'a');
        throw fault;
      }),
      (thrown) => thrown === fault,
    );
    assert.deepEqual(await titles(), []);
  });

  it('holds models and named SQL together', async () => {
    const bound = bindModel(Book, db.sequelize);
    await assert.rejects(
      transact(testCaller(), async (tx) => {
        await bound.create({ title: 'by model' }, { transaction: tx.handle });
        const rows = await tx.query('SELECT title FROM book');
        assert.deepEqual(rows, [{ title: 'by model' }]);
        throw kernelErrors.conflict('no');
      }),
      { status: 409 },
    );
    assert.deepEqual(await titles(), []);
  });

  it('goes on after a part of it that failed, without what that part wrote and would have told', async () => {
    const told: string[] = [];
    await transact(testCaller(), async (tx) => {
      await add(tx, 'a');
      await tx.attempt(async () => {
        await add(tx, 'b');
        tx.afterCommit(() => void told.push('b'));
      });
      const part = tx.attempt(async () => {
        await add(tx, 'c');
        tx.afterCommit(() => void told.push('c'));
        await add(tx, 'a');
      });
      await assert.rejects(part, { code: 'taken', status: 409 });
      await add(tx, 'd');
    });
    assert.deepEqual([await titles(), told], [['a', 'b', 'd'], ['b']]);
  });

  it('hears at the end of a part what PostgreSQL would only check at the end of all, and no sooner', async () => {
    await transact(testCaller(), async (tx) => {
      await assert.rejects(
        tx.attempt(() => add(tx, 'lost', 9)),
        { status: 409 },
      );
      await tx.attempt(async () => {
        await add(tx, 'found', 7);
        await tx.query(`INSERT INTO shelf OVERRIDING SYSTEM VALUE VALUES (7, 'seven')`);
      });
    });
    assert.deepEqual(await titles(), ['found']);
  });

  it('lets a part of it fail as it is where all of it has to be run again', async () => {
    let attempts = 0;
    await transact(testCaller(), async (tx) => {
      attempts += 1;
      await tx.attempt(async () => {
        if (attempts === 1) await tx.query('DO $$ BEGIN RAISE deadlock_detected; END $$');
        await add(tx, 'a');
      });
    });
    assert.deepEqual([attempts, await titles()], [2, ['a']]);
  });

  it('carries who, why and from where, for triggers to read, and no longer than it lasts', async () => {
    const caller = {
      ...testCaller('user:7'),
      requestId: 'r-1',
      source: 'rest' as const,
      address: '192.0.2.1',
    };
    const settings = `SELECT current_actor() AS actor, current_setting('cadastre.change_id') AS change,
      current_setting('cadastre.request_id') AS request, current_setting('cadastre.source') AS source,
      current_setting('cadastre.source_address') AS address`;
    const [inside] = await transact(caller, (tx) => tx.query(settings));
    assert.deepEqual(inside, {
      actor: 'user:7',
      change: caller.changeId,
      request: 'r-1',
      source: 'rest',
      address: '192.0.2.1',
    });
    const [outside] = await db.query<{ actor: string }>('SELECT current_actor() AS actor');
    assert.match(outside?.actor ?? '', /^db:/);
  });

  it('carries the branches to which its caller is confined, also once it is confined on the way', async () => {
    const branchAt = (label: string) => ({ label, key: { at: label } });
    const [north, south] = [branchAt('north'), branchAt('south')];
    const confined = { permissions: ['books:write'], branches: [north, south] };
    const set = async (tx: Tx) =>
      (await tx.query<{ at: string }>("SELECT current_setting('cadastre.branches') AS at"))[0]?.at;
    assert.equal(await transact(testCaller(), set), '');
    assert.equal(await transact({ ...testCaller(), confined }, set), '[{"at":"north"},{"at":"south"}]');
    await transact({ ...testCaller(), confined }, async (tx) => {
      await tx.confine({ ...confined, branches: [south] });
      assert.deepEqual([tx.caller.confined?.branches, await set(tx)], [[south], '[{"at":"south"}]']);
      await tx.inNameOf(testCaller(), async (other) => assert.equal(await set(other), ''));
      await tx.inNameOf(tx.caller, async (own) => assert.equal(await set(own), '[{"at":"south"}]'));
      assert.equal(await set(tx), '[{"at":"south"}]');
    });
  });

  it('tells a row outside of them in the words of the caller, not of the database', async () => {
    const confined = {
      permissions: ['books:write'],
      branches: [{ label: 'the north', key: { at: 'north' } }],
    };
    const refuse = `DO $$ BEGIN RAISE EXCEPTION 'SQL'
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'within_branches'; END $$`;
    const forbidden = {
      status: 403,
      message:
        'The permission books:write is yours on the north alone, and this would change something outside.',
      members: { permission: 'books:write', branches: ['the north'] },
    };
    await assert.rejects(
      transact({ ...testCaller(), confined }, (tx) => tx.query(refuse)),
      forbidden,
    );
    await transact({ ...testCaller(), confined }, async (tx) => {
      await assert.rejects(
        tx.attempt(() => tx.query(refuse)),
        forbidden,
      );
      await add(tx, 'a');
    });
    assert.deepEqual(await titles(), ['a']);
  });

  it('in a dry run keeps nothing, and still answers', async () => {
    const rows = await transact(
      testCaller(),
      async (tx) => {
        assert.equal(tx.dryRun, true);
        await add(tx, 'a');
        return tx.query('SELECT title FROM book');
      },
      { dryRun: true },
    );
    assert.deepEqual([rows, await titles()], [[{ title: 'a' }], []]);
  });

  it('tells what a trigger finds wrong with several fields at each of them, and which name was meant', async () => {
    const faults = [
      { path: 'title', code: 'too-long', message: 'It is too long.' },
      { path: 'notes.autor', code: 'unknown-key', message: 'None.', key: 'autor', known: ['author', 'year'] },
      { path: 'notes.x', code: 'unknown-key', message: 'There are no notes.', key: 'x', known: [] },
    ];
    const raising = `DO $$ BEGIN RAISE EXCEPTION 'wrong' USING ERRCODE = 'check_violation', CONSTRAINT = 'book_faults',
      DETAIL = '${JSON.stringify(faults)}'; END $$`;
    await assert.rejects(
      transact(testCaller(), (tx) => tx.query(raising)),
      {
        code: 'invalid',
        message: 'body.title: It is too long. (and 2 more)',
        errors: [
          { path: 'body.title', code: 'too-long', message: 'It is too long.' },
          {
            path: 'body.notes.autor',
            code: 'unknown-key',
            message: '"autor" is not known here; did you mean "author"?',
          },
          { path: 'body.notes.x', code: 'unknown-key', message: 'There are no notes.' },
        ],
      },
    );
  });

  it('hears deferred constraints, in a dry run as at the real commit, without a word on the console', async () => {
    const warn = console.warn;
    const warnings: unknown[] = [];
    console.warn = (...words) => void warnings.push(words);
    try {
      for (const dryRun of [true, false]) {
        await assert.rejects(
          transact(testCaller(), (tx) => add(tx, 'a', 99), { dryRun }),
          { status: 409, code: 'conflict' },
        );
      }
    } finally {
      console.warn = warn;
    }
    assert.deepEqual([await titles(), warnings], [[], []]);
  });

  it('turns a broken constraint into the problem that its owner named', async () => {
    const twice = transact(testCaller(), async (tx) => {
      await add(tx, 'a');
      await add(tx, 'a');
    });
    await assert.rejects(twice, { status: 409, code: 'taken' });
  });

  it('does not call it done where the work swallowed the error of a statement', async () => {
    const careless = transact(testCaller(), async (tx) => {
      await add(tx, 'a');
      await tx.query('SELECT 1/0').catch(() => undefined);
      return 'done';
    });
    await assert.rejects(careless, /its error was swallowed; nothing was kept/);
    assert.deepEqual(await titles(), []);
  });

  it('announces what follows a commit, once it can be seen by others', async () => {
    const seen = new Promise<string[]>((tell) => {
      void transact(testCaller(), async (tx) => {
        tx.afterCommit(() => tell(titles()));
        await add(tx, 'a');
      });
    });
    assert.deepEqual(await seen, ['a']);
  });

  it('announces nothing after a dry run or a failure', async () => {
    let announced = 0;
    const work = async (tx: Tx) => {
      tx.afterCommit(() => {
        announced += 1;
      });
      if (!tx.dryRun) throw new Error('no');
    };
    await transact(testCaller(), work, { dryRun: true });
    await assert.rejects(transact(testCaller(), work));
    assert.equal(announced, 0);
  });

  it('stays committed whatever those who wait for it do', async () => {
    await transact(testCaller(), async (tx) => {
      tx.afterCommit(() => {
        throw new Error('clumsy listener');
      });
      await add(tx, 'a');
    });
    assert.deepEqual(await titles(), ['a']);
    assert.match(JSON.stringify(lines.at(-1)), /clumsy listener/);
  });

  it('gives its connection back, whatever the end', async () => {
    const small = openDatabase({ url: database.url, poolSize: 1 });
    const one = createTransact(small, {}, log);
    await one(testCaller(), async () => undefined);
    await one(testCaller(), async () => undefined, { dryRun: true });
    await assert.rejects(one(testCaller(), async () => Promise.reject(new Error('no'))));
    await assert.rejects(one(testCaller(), (tx) => add(tx, 'a', 99)));
    await assert.rejects(
      one(testCaller(), (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())')),
      {
        status: 503,
      },
    );
    assert.deepEqual(await small.query('SELECT 1 AS one'), [{ one: 1 }]);
    await small.close();
  });
});
