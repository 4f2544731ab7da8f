import { randomUUIDv7 } from 'node:crypto';
import type { Confinement } from './permissions.ts';
import type { Principal } from './principal.ts';

/** Who does something, on which occasion: it travels with every transaction and ends up in the audit log. */
export interface Caller {
  /** `user:7`, `token:3`, `job:expire`, `seed`: stable, for the log. */
  actor: string;
  /** UUID made by the server, of version 7 so that indexes grow at their end; groups all that one request, job or import changed. */
  changeId: string;
  requestId?: string;
  source: 'rest' | 'panel' | 'job' | 'cli';
  /** The client's network address. */
  address?: string;
  /** Who is signed in; absent for jobs and the command line, which may do everything. */
  principal?: Principal;
  /** Where alone its transactions may write; absent: everywhere. */
  confined?: Confinement;
}

/** The caller behind one request, with a new change id: its actor is who is signed in, else `anonymous`. */
export function callerOf(by: {
  source: Caller['source'];
  principal?: Principal | undefined;
  requestId?: string | undefined;
  address?: string | undefined;
  /** What `permissions.demand` answered. */
  confined?: Confinement | undefined;
}): Caller {
  const { source, principal, requestId, address, confined } = by;
  return {
    actor: principal ? `${principal.kind}:${principal.id}` : 'anonymous',
    changeId: randomUUIDv7(),
    source,
    ...(requestId === undefined ? {} : { requestId }),
    ...(address === undefined ? {} : { address }),
    ...(principal === undefined ? {} : { principal }),
    ...(confined === undefined ? {} : { confined }),
  };
}
