import { randomUUIDv7 } from 'node:crypto';
import type { Request } from 'express';
import type { Caller } from '../auth/caller.ts';
import { type Confinement, outsideBranches, type Permissions } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import type { Transact, Tx } from '../db/transaction.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';

/** The header that names the change which a request made, for the audit log and for taking it back. */
export const changeIdHeader = 'X-Change-Id';

/** The header that tells a client that it sees the answer of an earlier request. */
export const replayedHeader = 'Idempotency-Replayed';

const saneRequestId = /^[\w.:-]{1,64}$/;

/** The request's id: the client's own where it is sane, else a new UUID. */
export function requestIdOf(req: Request): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && saneRequestId.test(given) ? given : randomUUIDv7();
}

/** A client's `Idempotency-Key`: whose it is, on which route, and for what it was sent. */
export interface IdempotencyKey {
  /** `user:7`. */
  principal: string;
  /** `POST /subnets/{id}/allocations`. */
  route: string;
  key: string;
  /** Of path, query and body: another request under the same key has another. */
  hash: Buffer;
}

/** What a handler's request is made of, wherever it came from: the API's HTTP, or the panel. */
export interface Occasion {
  /**
   * Who asks, made when somebody needs it. Not an accessor: V8 makes a hidden class for each literal that has one, and keeps
   * with it, until it collects the whole heap, all that the accessor sees: every request.
   */
  caller(): Caller;
  principal: Principal | undefined;
  ifMatch: string | undefined;
  /** An open transaction to write in, instead of one's own. */
  within: Tx | undefined;
  /** The client's key, on a route that keeps its keys itself. */
  idempotency: IdempotencyKey | undefined;
  setHeader(name: string, value: string): void;
  /** What the answer, once it is made, has to wait for. */
  awaited: Promise<unknown>[];
}

/** What a handler is given, checked. */
export interface Checked {
  params: unknown;
  query: unknown;
  body: unknown;
  dryRun: boolean;
}

/** What one request carries from its door to its handler (`RouteRequest`), one object per request. */
export class HandledRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly dryRun: boolean;
  readonly #on: Occasion;
  readonly #transact: Transact;
  readonly #permissions: Permissions;
  /** Set where one more permission has narrowed where the caller may write. */
  #caller: Caller | undefined;
  /** What is written in already. */
  #open: Tx | undefined;

  constructor(
    on: Occasion,
    { transact, permissions }: { transact: Transact; permissions: Permissions },
    checked: Checked,
  ) {
    this.params = checked.params;
    this.query = checked.query;
    this.body = checked.body;
    this.dryRun = checked.dryRun;
    this.#on = on;
    this.#open = on.within;
    this.#transact = transact;
    this.#permissions = permissions;
  }

  get caller(): Caller {
    return this.#caller ?? this.#on.caller();
  }

  get principal(): Principal {
    if (!this.#on.principal)
      throw kernelErrors.notAuthenticated('Sign in first: send Authorization: Bearer <token>.');
    return this.#on.principal;
  }

  get idempotency(): IdempotencyKey | undefined {
    return this.#on.idempotency;
  }

  // Fields, not methods: handlers take what they need apart, `({ write, body }) => …`.
  readonly write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    if (this.#on.within) return work(this.#on.within);
    const noting = (tx: Tx) => {
      this.#open = tx;
      return work(tx);
    };
    return this.#transact(this.caller, noting, { dryRun: this.dryRun });
  };

  readonly ifMatch = (current: { version: number }): void => {
    const header = this.#on.ifMatch;
    if (header === undefined || header.trim() === '*') return;
    const tags = header.split(',').map((tag) => tag.trim());
    if (tags.includes(entityTag(current.version))) return;
    throw kernelErrors.versionMismatch(
      `The version ${header} was expected, but the current one is ${entityTag(current.version)}; read it again and decide.`,
      { members: { current }, headers: { ETag: entityTag(current.version) } },
    );
  };

  readonly demand = (permission: string): void => {
    const { caller } = this;
    const confined = this.#confinement(caller, [permission]);
    if (!confined) return;
    if (this.#open) demandConfined(this.#open, confined);
    this.#caller = { ...caller, confined };
  };

  readonly demandIn = async (tx: Tx, ...permissions: string[]): Promise<void> => {
    const confined = this.#confinement(tx.caller, permissions);
    if (confined) await tx.confine(confined);
  };

  readonly allows = (permission: string): boolean => this.#permissions.allows(this.principal, permission);

  /** Where a caller may do more, too. */
  #confinement({ confined }: Caller, permissions: readonly string[]): Confinement | undefined {
    return this.#permissions.demand(this.principal, ...(confined?.permissions ?? []), ...permissions);
  }

  readonly replayed = (changeId: string): void => {
    this.setHeader(replayedHeader, 'true');
    this.setHeader(changeIdHeader, changeId);
  };

  readonly answerAfter = (done: Promise<unknown>): void => {
    this.#on.awaited.push(done);
  };

  readonly setHeader = (name: string, value: string): void => {
    this.#on.setHeader(name, value);
  };
}

/** Throws 403 unless an open transaction is confined already as much as it would have to be. */
export function demandConfined({ caller }: Tx, wanted: Confinement): void {
  const open = caller.confined?.branches;
  if (open?.every((branch) => wanted.branches.includes(branch))) return;
  throw outsideBranches(wanted, 'this list, or this Idempotency-Key, goes beyond; send it by itself');
}

/** The strong entity tag of a version (RFC 9110, section 8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`;
}
