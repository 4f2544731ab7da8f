import { kernelErrors } from '../errors/kernel-errors.ts';
import { type FieldError, Problem, type ProblemKind } from '../errors/problem.ts';
import { invalidRequest, unknownKeyMessage } from '../http/validate.ts';

/** What a broken constraint means to a person: constraint name → the problem and, from the message and detail, a sentence. */
export type ConstraintTable = Record<
  string,
  {
    problem: ProblemKind;
    say?: (fault: PostgresFault) => string;
    /** Its detail is a JSON list of `FieldFault`, which are told each at its field, as those of a request's schema are. */
    atFields?: boolean;
  }
>;

/** What a trigger that looks at several fields finds wrong with one: `path` is below the body, `customFields.rack`. */
interface FieldFault extends FieldError {
  /** Where a name is not known: that name, and those that are. */
  key?: string;
  known?: readonly string[];
}

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
const lost = /^(08|57P0[1-3])/;
const connectionFaults =
  /ECONNREFUSED|connect ENOENT|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|Connection terminated|Client has encountered a connection error|not queryable|Connection timed out|ConnectionManager\.getConnection was called after/;
const poolFaults = /^Sequelize(Connection|Host|AccessDenied|InvalidConnection)/;

/** The PostgreSQL error inside, whether it comes bare or wrapped by Sequelize; Node's own codes (EPIPE) are none. */
function postgresFault(fault: unknown): PostgresFault | undefined {
  const inner = (fault as { original?: unknown })?.original ?? fault;
  const { code, severity } = (inner ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity !== undefined ? (inner as PostgresFault) : undefined;
}

/** True where the same transaction, run again, may well succeed: deadlock victim (40P01) or serialisation failure (40001). */
export function isWorthRetrying(fault: unknown): boolean {
  const code = postgresFault(fault)?.code;
  return code === '40P01' || code === '40001';
}

/** What a transaction would have done outside of the branches that it is confined to, in words; undefined for any other fault. */
export function outsideOfBranches(fault: unknown): string | undefined {
  const postgres = postgresFault(fault);
  if (postgres?.constraint !== 'within_branches') return undefined;
  return postgres.detail ?? 'this would change something outside';
}

/** True where the connection that the fault came over is of no more use. */
export function isConnectionLost(fault: unknown): boolean {
  const postgres = postgresFault(fault);
  return postgres ? lost.test(postgres.code) : connectionFaults.test(`${(fault as Error)?.message}`);
}

/**
 * Turns what PostgreSQL or the pool threw into a problem for the client, with no SQL in it.
 * What is neither a constraint, a bad value, a lock nor a lost connection comes back unchanged (a fault of ours: 500).
 */
export function databaseProblem(fault: unknown, constraints: ConstraintTable = {}): unknown {
  if (fault instanceof Problem) return fault;
  const name = String((fault as Error)?.name);
  if (name === 'SequelizeConnectionAcquireTimeoutError') {
    return kernelErrors.unavailable('All database connections are busy; try again shortly.', retryAfter);
  }
  const postgres = postgresFault(fault);
  if (poolFaults.test(name) || (!postgres && connectionFaults.test(`${(fault as Error)?.message}`))) {
    return kernelErrors.unavailable('The database cannot be reached; try again shortly.', retryAfter);
  }
  return postgres ? (statementProblem(postgres, constraints) ?? fault) : fault;
}

function statementProblem(fault: PostgresFault, constraints: ConstraintTable): Problem | undefined {
  const { code, constraint, column } = fault;
  const rule = constraint === undefined ? undefined : constraints[constraint];
  if (rule?.atFields) return atFields(rule.problem, fault);
  if (rule) return rule.problem(rule.say?.(fault) ?? fault.message);
  if (code === '55P03' || code === '40P01' || code === '40001') {
    return kernelErrors.unavailable('Others are changing the same records; try again shortly.', retryAfter);
  }
  if (code === '57014') return kernelErrors.unavailable('The database took too long to answer.', retryAfter);
  if (away.test(code))
    return kernelErrors.unavailable('The database is not ready; try again shortly.', retryAfter);
  if (code === '23505') return kernelErrors.conflict('There is one like it already.');
  if (code === '23503') {
    return kernelErrors.conflict('Something else refers to it, or it refers to something absent.');
  }
  if (code.startsWith('23')) {
    return kernelErrors.invalid(
      `The rule ${constraint ?? column ?? 'of the table'} does not allow this value.`,
    );
  }
  if (code.startsWith('22')) return kernelErrors.invalid('A value is out of range or not well-formed.');
  return undefined;
}

function atFields(problem: ProblemKind, { detail = '[]' }: PostgresFault): Problem {
  const faults = JSON.parse(detail) as FieldFault[];
  const errors = faults.map(({ path, code, message, key, known }) => ({
    path: `body.${path}`,
    code,
    message: key !== undefined && known?.length ? unknownKeyMessage(key, known) : message,
  }));
  return problem(invalidRequest(errors).message, { errors });
}
