import { parse as parseQueryString } from 'node:querystring';
import type { Request, RequestHandler } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { type Caller, callerOf } from '../auth/caller.ts';
import type { Confinement } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import type { Tx } from '../db/transaction.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { type Answer, answerOf, send } from './answer.ts';
import type { ReadBody } from './body.ts';
import { itemRouteOf } from './bulk.ts';
import { sendEvents } from './events.ts';
import { answerOnce, hashOf, readKey } from './idempotency.ts';
import type { CreateRateLimit } from './limit.ts';
import { changeIdHeader, demandConfined, entityTag, type IdempotencyKey, type Occasion } from './request.ts';
import type { Route } from './route.ts';
import { createRunOne, hasBody, type Raw, type Run, type RunParts, withoutFlags } from './run.ts';
import { createRunList } from './run-list.ts';
import { unstorable } from './storable.ts';
import { Faults, invalidRequest } from './validate.ts';

/** What every route is served with. */
export interface PipelineParts extends RunParts {
  authenticate: Authenticate;
  readBody: ReadBody;
  /** A secret for one purpose, the same in every process of this installation. */
  secretFor(purpose: string): string;
  /** Aborted when the server is told to stop: streams of events end then. */
  closing: AbortSignal;
  /** Makes the limits; of routes that have one of their own, too. */
  rateLimit: CreateRateLimit;
}

function queryOf(req: Request): Record<string, unknown> {
  const at = req.url.indexOf('?');
  return at < 0 ? {} : { ...parseQueryString(req.url.slice(at + 1)) };
}

/** The way into a route, for single bodies and, where it takes them, for lists. */
function createRun(route: Route, parts: RunParts): Run {
  const one = createRunOne(route, parts);
  const item = itemRouteOf(route);
  if (!item) return one;
  const list = createRunList(route, item, parts);
  return (on, raw) => (route.each || Array.isArray(raw.body) ? list(on, raw) : one(on, raw));
}

/** Throws 403 where somebody else knows the caller's password, except on the way to changing it. */
function demandOwnPassword({ mustChangePassword }: Principal, route: Route): void {
  if (!mustChangePassword || route.beforePasswordChange) return;
  throw kernelErrors.passwordChangeNeeded(
    'Somebody else knows your password: POST /api/v1/users/me/password { currentPassword, newPassword }, then sign in again.',
  );
}

/** Serves one route over HTTP: who is it, may they, is the request valid, then the handler, then the reply. */
export function serve(route: Route, parts: PipelineParts): RequestHandler {
  const { authenticate, permissions, readBody, transact, secretFor } = parts;
  const mayWrite = route.method !== 'get';
  const isPublic = route.permission === 'public';
  const run = createRun(route, parts);
  const named = `${route.method.toUpperCase()} ${route.path}`;
  const secret = route.idempotency === 'none' ? '' : secretFor('idempotency');

  /** The key of a request that has one; a dry run neither reads nor keeps any. */
  function keyOf(req: Request, raw: Raw, caller: () => Caller): IdempotencyKey | undefined {
    const header = req.headers['idempotency-key'];
    if (route.idempotency === 'none' || header === undefined) return undefined;
    const key = readKey(header);
    if (withoutFlags(route, raw, new Faults()).dryRun) return undefined;
    const { params, query, body = null } = raw;
    return { principal: caller().actor, route: named, key, hash: hashOf(secret, [params, query, body]) };
  }

  return async (req, res) => {
    res.locals.route = route;
    const principal = isPublic ? undefined : await authenticate(req);
    let confined: Confinement | undefined;
    if (principal) {
      res.locals.principal = principal;
      demandOwnPassword(principal, route);
      confined = permissions.demand(principal, route.permission);
    }
    if (hasBody.has(route.method)) await readBody(req, res);
    const raw = {
      params: req.params,
      query: queryOf(req),
      body: req.body as unknown,
      hasNul: req.url.includes('%00'),
    };
    let known: Caller | undefined;
    // Most reads need none.
    const caller = () => {
      const { requestId } = res.locals;
      known ??= callerOf({ source: 'rest', principal, requestId, address: req.ip, confined });
      return known;
    };

    const awaited: Promise<unknown>[] = [];
    const occasion = (headers: Answer['headers'], within?: Tx, idempotency?: IdempotencyKey): Occasion => ({
      caller,
      principal,
      ifMatch: req.headers['if-match'],
      within,
      idempotency,
      setHeader: (name, value) => {
        headers[name] = value;
      },
      awaited,
    });
    if (route.streams) {
      const { reply } = await run(occasion({}), raw);
      return sendEvents(res, reply as AsyncIterable<unknown>, parts.closing);
    }

    async function answer(within?: Tx, idempotency?: IdempotencyKey): Promise<Answer> {
      const headers: Answer['headers'] = {};
      const outcome = await run(occasion(headers, within, idempotency), raw);
      if (mayWrite && !isPublic && !outcome.dryRun) headers[changeIdHeader] ??= caller().changeId;
      return answerOf(outcome, headers, req.originalUrl.split('?', 1)[0] as string);
    }

    const key = keyOf(req, raw, caller);
    const once = key && route.idempotency === 'kept';
    const made = once ? await answerOnce(transact, caller(), key, answer) : await answer(undefined, key);
    if (awaited.length > 0) await Promise.all(awaited);
    send(res, made);
  };
}

/** A call of a route from inside the process, in somebody's name, with all that the API would check. */
export interface Invocation {
  route: Route;
  principal: Principal;
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** The version that the caller read; 412 where it is no longer the current one. */
  version?: number | undefined;
  requestId: string | undefined;
  address: string | undefined;
  /** The transaction that the handler's `write` joins instead of opening its own. */
  within?: Tx | undefined;
}

/** Runs a route for the panel and answers what the API would have; throws the problem that the API would have answered with. */
export type Invoke = (call: Invocation) => Promise<unknown>;

/** Makes the panel's way into the routes: the same permission, schema, handler and transaction as over HTTP. */
export function createInvoke(parts: RunParts): Invoke {
  return async (call) => {
    const { route, principal, params = {}, query = {}, body, version, requestId, address, within } = call;
    demandOwnPassword(principal, route);
    const confined = parts.permissions.demand(principal, route.permission);
    if (confined && within) demandConfined(within, confined);
    const caller = within?.caller ?? callerOf({ source: 'panel', principal, requestId, address, confined });
    const awaited: Promise<unknown>[] = [];
    const on: Occasion = {
      caller: () => caller,
      principal,
      ifMatch: version === undefined ? undefined : entityTag(version),
      within,
      idempotency: undefined,
      setHeader: () => undefined,
      awaited,
    };
    const bad = unstorable(body, 'body');
    if (bad.length > 0) throw invalidRequest(bad);
    const { reply } = await createRun(route, parts)(on, { params, query, body, hasNul: true });
    await Promise.all(awaited);
    return reply;
  };
}
