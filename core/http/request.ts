import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Caller } from '../auth/caller.ts';
import type { Permissions } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import type { Transact, Tx } from '../db/transaction.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';

const saneRequestId = /^[\w.:-]{1,64}$/;

/** The request's id: the client's own where it is sane, else a new UUID. */
export function requestIdOf(req: Request): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && saneRequestId.test(given) ? given : randomUUID();
}

/** What one request carries from the frame to its handler (`RouteRequest`), one object per request. */
export class HandledRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly dryRun: boolean;
  readonly #req: Request;
  readonly #res: Response;
  readonly #principal: Principal | undefined;
  readonly #transact: Transact;
  readonly #permissions: Permissions;
  #caller: Caller | undefined;

  constructor(
    req: Request,
    res: Response,
    { transact, permissions }: { transact: Transact; permissions: Permissions },
    principal: Principal | undefined,
    parts: { params: unknown; query: unknown; body: unknown; dryRun: boolean },
  ) {
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
    this.dryRun = parts.dryRun;
    this.#req = req;
    this.#res = res;
    this.#principal = principal;
    this.#transact = transact;
    this.#permissions = permissions;
  }

  get caller(): Caller {
    this.#caller ??= {
      actor: this.#principal ? `${this.#principal.kind}:${this.#principal.id}` : 'anonymous',
      changeId: randomUUID(),
      requestId: this.#res.locals.requestId,
      source: 'rest',
      ...(this.#req.ip === undefined ? {} : { address: this.#req.ip }),
      ...(this.#principal === undefined ? {} : { principal: this.#principal }),
    };
    return this.#caller;
  }

  get principal(): Principal {
    if (!this.#principal)
      throw kernelErrors.notAuthenticated('Sign in first: send Authorization: Bearer <token>.');
    return this.#principal;
  }

  // Fields, not methods: handlers take what they need apart, `({ write, body }) => …`.
  readonly write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    this.#transact(this.caller, work, { dryRun: this.dryRun });

  readonly ifMatch = (current: { version: number }): void => {
    const header = this.#req.headers['if-match'];
    if (header === undefined || header.trim() === '*') return;
    const tags = header.split(',').map((tag) => tag.trim());
    if (tags.includes(entityTag(current.version))) return;
    throw kernelErrors.versionMismatch(
      `If-Match names ${header}, but the current version is ${entityTag(current.version)}; read it again and decide.`,
      { members: { current }, headers: { ETag: entityTag(current.version) } },
    );
  };

  readonly demand = (permission: string): void => this.#permissions.demand(this.principal, permission);

  readonly setHeader = (name: string, value: string): void => {
    this.#res.setHeader(name, value);
  };
}

/** The strong entity tag of a version (RFC 9110, section 8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`;
}
