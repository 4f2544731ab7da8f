import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { type Database, type RunQuery, runOn } from './database.ts';
import { type ConstraintTable, databaseProblem, isWorthRetrying } from './failures.ts';

const attempts = 6;

/**
 * Runs something that is a transaction. A deadlock victim and a serialisation failure are run again, with growing, random
 * pauses; any other fault becomes the problem that it is, a broken constraint the one that `constraints` names.
 */
export async function withRetries<T>(constraints: ConstraintTable, once: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once();
    } catch (fault) {
      if (!isWorthRetrying(fault)) throw databaseProblem(fault, constraints);
      if (attempt === attempts) {
        throw kernelErrors.unavailable('Too many writers at once on the same records; try again shortly.', {
          headers: { 'Retry-After': '1' },
        });
      }
      await sleep(randomInt(5 * 2 ** attempt));
    }
  }
}

/** Makes a `query` whose every statement is a transaction of its own, with all that a transaction has but a caller. */
export function createRunAlone(db: Database, constraints: ConstraintTable): RunQuery {
  return (statement, values) =>
    withRetries(constraints, () => db.lend((connection) => runOn(connection, statement, values)));
}
