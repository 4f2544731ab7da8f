import type pg from 'pg';
import type { Transaction } from 'sequelize';
import type { Caller } from '../auth/caller.ts';
import { type Confinement, outsideBranches } from '../auth/permissions.ts';
import type { Log } from '../log/log.ts';
import { type Database, named, type RunQuery, runOn } from './database.ts';
import { type ConstraintTable, databaseProblem, isWorthRetrying, outsideOfBranches } from './failures.ts';
import { withRetries } from './retry.ts';

/** An open transaction: named SQL through `query`, models through `{ transaction: tx.handle }`. */
export interface Tx {
  readonly query: RunQuery;
  readonly handle: Transaction;
  readonly caller: Caller;
  readonly dryRun: boolean;
  /** Runs once the transaction is committed; not after a dry run. */
  afterCommit(then: () => void): void;
  /**
   * Runs a part of the transaction that may fail without the rest: what it wrote is undone and the problem thrown, deferred
   * constraints included. A fault that the whole transaction is run again for comes out as it is.
   */
  attempt<T>(work: () => Promise<T>): Promise<T>;
  /** From here on writes in some branches alone, whatever the caller might have written before. */
  confine(to: Confinement): Promise<void>;
  /** Does a part of the work in the name of another, where several share the transaction. */
  inNameOf<T>(caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Runs `work` in one transaction that carries who, why and from where; all of it stays or none. */
export type Transact = <T>(
  caller: Caller,
  work: (tx: Tx) => Promise<T>,
  options?: { /** Run every check, answer the would-be result, keep nothing. */ dryRun?: boolean },
) => Promise<T>;

const carry = named(
  'carry_caller',
  `SELECT set_config('cadastre.actor', $1, true), set_config('cadastre.change_id', $2, true),
          set_config('cadastre.request_id', $3, true), set_config('cadastre.source', $4, true),
          set_config('cadastre.source_address', $5, true), set_config('cadastre.branches', $6, true)`,
);

/**
 * What a transaction carries of its caller for triggers to read: actor, change id, request id, source and source address, '' for
 * none. A statement that writes for several has theirs in `cadastre.callers`, as JSON, with which rows are whose.
 */
export function carriedBy(caller: Caller): string[] {
  return [caller.actor, caller.changeId, caller.requestId ?? '', caller.source, caller.address ?? ''];
}

const confineTo = named('confine_to', "SELECT set_config('cadastre.branches', $1, true)");

/** The branches to which a transaction is confined, as JSON for triggers to read; '' for none. */
function branchesOf(confined: Confinement | undefined): string {
  return confined ? JSON.stringify(confined.branches.map(({ key }) => key)) : '';
}

/** The values for the statement `carry_caller`. */
function carried(caller: Caller): string[] {
  return [...carriedBy(caller), branchesOf(caller.confined)];
}

/** A refusal to write outside of the caller's branches in the caller's words; any other fault as it is. */
function told(fault: unknown, confined: Confinement | undefined): unknown {
  const deed = confined && outsideOfBranches(fault);
  return deed === undefined ? fault : outsideBranches(confined as Confinement, deed);
}

// Deferred constraints speak now, while it is known whose fault it is.
const keepAttempt = 'SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; RELEASE SAVEPOINT attempt';
const undoAttempt = 'ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt';

/** What we need of a Sequelize transaction beyond its types. */
interface OpenTransaction {
  connection: pg.Client;
  finished?: 'commit' | 'rollback';
  cleanup(): void;
}

/**
 * Ends a transaction and gives its connection back. Not by Sequelize's own `commit`, which prints to the console and
 * kills the connection where a deferred constraint speaks, and does not tell a COMMIT that PostgreSQL turned into a ROLLBACK.
 */
async function end(handle: Transaction, how: 'commit' | 'rollback'): Promise<void> {
  const open = handle as unknown as OpenTransaction;
  try {
    const { command } = await open.connection.query(how.toUpperCase());
    if (how === 'commit' && command === 'ROLLBACK') {
      throw new Error(
        'A statement of this transaction failed and its error was swallowed; nothing was kept.',
      );
    }
  } finally {
    open.finished = how;
    open.cleanup();
  }
}

/**
 * Makes the transaction helper. A deadlock victim and a serialisation failure are run again (with growing, random pauses);
 * a lock or statement that took too long is 503; a broken constraint becomes the problem that `constraints` names.
 */
export function createTransact(db: Database, constraints: ConstraintTable, log: Log): Transact {
  async function once<T>(caller: Caller, work: (tx: Tx) => Promise<T>, dryRun: boolean): Promise<T> {
    const handle = await db.sequelize.transaction();
    const { connection } = handle as unknown as OpenTransaction;
    const committed: (() => void)[] = [];
    let { confined } = caller;
    const query: RunQuery = (statement, values) => runOn(connection, statement, values);
    const attempt: Tx['attempt'] = async (part) => {
      const before = committed.length;
      await query('SAVEPOINT attempt');
      try {
        const kept = await part();
        await query(keepAttempt);
        return kept;
      } catch (fault) {
        committed.length = before;
        // Where even this fails, the connection is lost, or the transaction will not commit.
        await query(undoAttempt).catch(() => undefined);
        throw isWorthRetrying(fault) ? fault : databaseProblem(told(fault, confined), constraints);
      }
    };
    function txOf(caller: Caller): Tx {
      const tx: { -readonly [Part in keyof Tx]: Tx[Part] } = {
        query,
        handle,
        caller,
        dryRun,
        afterCommit: (then) => void committed.push(then),
        attempt,
        async confine(to) {
          await query(confineTo, [branchesOf(to)]);
          confined = to;
          tx.caller = { ...tx.caller, confined };
        },
        async inNameOf(other, part) {
          if (other === tx.caller) return part(tx);
          await query(carry, carried(other));
          try {
            return await part(txOf(other));
          } finally {
            // Where even this fails, the transaction will not commit.
            await query(carry, carried(tx.caller)).catch(() => undefined);
          }
        },
      };
      return tx;
    }
    let result: T;
    try {
      await query(carry, carried(caller));
      result = await work(txOf(caller));
      // A deferred constraint would only speak at COMMIT, which a dry run never reaches.
      if (dryRun) await query('SET CONSTRAINTS ALL IMMEDIATE');
    } catch (fault) {
      // A lost connection cannot roll back, and need not.
      await end(handle, 'rollback').catch(() => undefined);
      throw told(fault, confined);
    }
    await end(handle, dryRun ? 'rollback' : 'commit');
    if (!dryRun) announce(committed);
    return result;
  }

  /** What is committed stays so, whatever those who wait for it do. */
  function announce(committed: readonly (() => void)[]): void {
    for (const then of committed) {
      try {
        then();
      } catch (fault) {
        log.error({ err: fault }, 'what was to follow a commit failed');
      }
    }
  }

  return (caller, work, { dryRun = false } = {}) =>
    withRetries(constraints, () => once(caller, work, dryRun));
}
