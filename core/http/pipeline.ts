import { parse as parseQueryString } from 'node:querystring';
import type { Request, RequestHandler, Response } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { type Caller, callerOf } from '../auth/caller.ts';
import type { Principal } from '../auth/principal.ts';
import type { Tx } from '../db/transaction.ts';
import { itemRouteOf } from './bulk.ts';
import { entityTag, type Occasion } from './request.ts';
import type { Route } from './route.ts';
import { createRunOne, hasBody, type Run, type RunParts } from './run.ts';
import { createRunList } from './run-list.ts';
import { unstorable } from './storable.ts';
import { invalidRequest } from './validate.ts';

/** What every route is served with. */
export interface PipelineParts extends RunParts {
  authenticate: Authenticate;
  readBody: RequestHandler;
  /** Whether routes with a limit of their own apply it. */
  rateLimited: boolean;
}

function queryOf(req: Request): Record<string, unknown> {
  const at = req.url.indexOf('?');
  return at < 0 ? {} : { ...parseQueryString(req.url.slice(at + 1)) };
}

function readBodyOf(readBody: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) =>
    readBody(req, res, (fault?: unknown) => (fault ? reject(fault) : resolve())),
  );
}

/** A record's `version` is its ETag. */
function tagWithVersion(res: Response, value: unknown): void {
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number') res.setHeader('ETag', entityTag(version));
}

/** Where a record that was just made is from now on. */
function tellLocation(req: Request, res: Response, value: unknown): void {
  const id = (value as { id?: unknown } | null)?.id;
  if (typeof id === 'number') res.setHeader('Location', `${req.originalUrl.split('?', 1)[0]}/${id}`);
}

/** Sends JSON without Express's content negotiation and body hash. */
export function sendJson(res: Response, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  res.statusCode = status;
  if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.end(text);
}

/** The way into a route, for single bodies and, where it takes them, for lists. */
function createRun(route: Route, parts: RunParts): Run {
  const one = createRunOne(route, parts);
  const item = itemRouteOf(route);
  if (!item) return one;
  const list = createRunList(route, item, parts);
  return (on, raw) => (route.each || Array.isArray(raw.body) ? list(on, raw) : one(on, raw));
}

/** Serves one route over HTTP: who is it, may they, is the request valid, then the handler, then the reply. */
export function serve(route: Route, parts: PipelineParts): RequestHandler {
  const { authenticate, permissions, readBody } = parts;
  const mayWrite = route.method !== 'get';
  const isPublic = route.permission === 'public';
  const run = createRun(route, parts);

  return async (req, res) => {
    res.locals.route = route;
    const principal = isPublic ? undefined : await authenticate(req);
    if (principal) {
      res.locals.principal = principal;
      permissions.demand(principal, route.permission);
    }
    if (hasBody.has(route.method)) await readBodyOf(readBody, req, res);
    let caller: Caller | undefined;
    const on: Occasion = {
      // Most reads need none.
      get caller() {
        caller ??= callerOf({
          source: 'rest',
          principal,
          requestId: res.locals.requestId,
          address: req.ip,
        });
        return caller;
      },
      principal,
      ifMatch: req.headers['if-match'],
      within: undefined,
      setHeader: (name, value) => void res.setHeader(name, value),
    };
    const raw = {
      params: req.params,
      query: queryOf(req),
      body: req.body as unknown,
      hasNul: req.url.includes('%00'),
    };
    const { status, reply, dryRun } = await run(on, raw);
    if (mayWrite && !isPublic && !dryRun) res.setHeader('X-Change-Id', on.caller.changeId);
    if (route.returns === undefined) {
      res.statusCode = 204;
      res.end();
      return;
    }
    // What a dry run would have made has no version that anybody could name later.
    if (!dryRun) {
      tagWithVersion(res, reply);
      if (status === 201) tellLocation(req, res, reply);
    }
    sendJson(res, status, reply);
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
    parts.permissions.demand(principal, route.permission);
    const on: Occasion = {
      caller: within?.caller ?? callerOf({ source: 'panel', principal, requestId, address }),
      principal,
      ifMatch: version === undefined ? undefined : entityTag(version),
      within,
      setHeader: () => undefined,
    };
    const bad = unstorable(body, 'body');
    if (bad.length > 0) throw invalidRequest(bad);
    const { reply } = await createRun(route, parts)(on, { params, query, body, hasNul: true });
    return reply;
  };
}
