import { kernelErrors } from '../errors/kernel-errors.ts';
import { Problem, type ProblemKind } from '../errors/problem.ts';

/** What a broken constraint means to a person: constraint name → the problem and, from the message and detail, a sentence. */
export type ConstraintTable = Record<string, { problem: ProblemKind; say?: (fault: PostgresFault) => string }>;

/** The parts of a PostgreSQL error that we look at (its `code` is the SQLSTATE). */
export interface PostgresFault {
  code: string;
  message: string;
  detail?: string;
  constraint?: string;
  column?: string;
}

const retryAfter = { headers: { 'Retry-After': '2' } };
const away = /^(08|57P0[1-3]|53|58|XX000|28)/;
const connectionFaults =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|Connection terminated|Client has encountered a connection error|not queryable|Connection timed out|ConnectionManager\.getConnection was called after/;

function postgresFault(fault: unknown): PostgresFault | undefined {
  const inner = (fault as { original?: unknown })?.original ?? fault;
  const code = (inner as { code?: unknown })?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? (inner as PostgresFault) : undefined;
}

/** True where the same transaction, run again, may well succeed: deadlock victim (40P01) or serialisation failure (40001). */
export function isWorthRetrying(fault: unknown): boolean {
  const code = postgresFault(fault)?.code;
  return code === '40P01' || code === '40001';
}

/**
 * Turns what PostgreSQL or the pool threw into a problem for the client, with no SQL in it.
 * What is neither a constraint, a bad value, a lock nor a lost connection comes back unchanged (a fault of ours: 500).
 */
export function databaseProblem(fault: unknown, constraints: ConstraintTable = {}): unknown {
  if (fault instanceof Problem) return fault;
  const postgres = postgresFault(fault);
  if (postgres === undefined) {
    const text = `${(fault as Error)?.name} ${(fault as Error)?.message}`;
    if (/SequelizeConnectionAcquireTimeout/.test(text)) {
      return kernelErrors.unavailable('All database connections are busy; try again shortly.', retryAfter);
    }
    if (connectionFaults.test(text) || /SequelizeConnection|HostNot/.test(text)) {
      return kernelErrors.unavailable('The database cannot be reached; try again shortly.', retryAfter);
    }
    return fault;
  }
  const { code, constraint } = postgres;
  const rule = constraint === undefined ? undefined : constraints[constraint];
  if (rule) return rule.problem(rule.say?.(postgres) ?? postgres.message);
  if (code === '55P03') {
    return kernelErrors.unavailable('Others are changing the same records; try again shortly.', retryAfter);
  }
  if (code === '57014') return kernelErrors.unavailable('The database took too long to answer.', retryAfter);
  if (code === '40P01' || code === '40001') return Object.assign(fault as object, { code });
  if (away.test(code)) return kernelErrors.unavailable('The database is not ready; try again shortly.', retryAfter);
  if (code === '23505') return kernelErrors.conflict('There is one like it already.');
  if (code === '23503') return kernelErrors.conflict('Something else refers to it, or it refers to something absent.');
  if (code.startsWith('23')) {
    return kernelErrors.invalid(`The rule ${constraint ?? postgres.column ?? 'of the table'} does not allow this value.`);
  }
  if (code.startsWith('22')) return kernelErrors.invalid('A value is out of range or not well-formed.');
  return fault;
}
