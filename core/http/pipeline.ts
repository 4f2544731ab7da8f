import { parse as parseQueryString } from 'node:querystring';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Permissions } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import type { Transact, Tx } from '../db/transaction.ts';
import { entityTag, HandledRequest, type Occasion } from './request.ts';
import type { Route } from './route.ts';
import { unstorable } from './storable.ts';
import { Faults, invalidRequest } from './validate.ts';

/** What every route is served with. */
export interface PipelineParts {
  authenticate: Authenticate;
  permissions: Permissions;
  transact: Transact;
  readBody: RequestHandler;
  /** Whether routes with a limit of their own apply it. */
  rateLimited: boolean;
  /** Check our own replies against the route's schema: on in tests, off in production, where it would only cost. */
  checkReplies: boolean;
}

const nothing = z.strictObject({});
const dryRunFlag = z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] }).optional();
const hasBody = new Set(['post', 'put', 'patch']);

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

/** The parts of a request as they came, before anybody has looked at them. */
interface Raw {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body: unknown;
  /** Whether a NUL may be among them, which PostgreSQL cannot store. */
  hasNul: boolean;
}

/** One route behind any door: checks what came, and runs the handler on it. */
function runner(route: Route, parts: Pick<PipelineParts, 'transact' | 'permissions' | 'checkReplies'>) {
  const bodySchema = hasBody.has(route.method) ? (route.body ?? nothing) : undefined;
  const querySchema = route.query ?? nothing;
  const handler = route.handler as unknown as (request: HandledRequest) => Promise<unknown>;

  return async (on: Occasion, raw: Raw): Promise<{ reply: unknown; request: HandledRequest }> => {
    const { query } = raw;
    const faults = new Faults();
    if (raw.hasNul) faults.errors.push(...unstorable(query, 'query'), ...unstorable(raw.params, 'path'));
    let dryRun = false;
    if (route.dryRun && 'dryRun' in query) {
      dryRun = faults.check('query.dryRun', dryRunFlag, query.dryRun) ?? false;
      delete query.dryRun;
    }
    const request = new HandledRequest(on, parts, {
      params: route.params && faults.check('path', route.params, raw.params),
      query: faults.check('query', querySchema, query),
      body: bodySchema && faults.check('body', bodySchema, raw.body === undefined ? {} : raw.body),
      dryRun,
    });
    const problem = faults.problem();
    if (problem) throw problem;
    const reply = await handler(request);
    // A reply of chosen `fields` lacks the others, as asked for.
    if (route.returns && parts.checkReplies && !('fields' in query))
      route.returns.parse(JSON.parse(JSON.stringify(reply)));
    return { reply, request };
  };
}

/** Serves one route over HTTP: who is it, may they, is the request valid, then the handler, then the reply. */
export function serve(route: Route, parts: PipelineParts): RequestHandler {
  const { authenticate, permissions, readBody } = parts;
  const mayWrite = route.method !== 'get';
  const isPublic = route.permission === 'public';
  const run = runner(route, parts);

  return async (req, res) => {
    res.locals.route = route;
    const principal = isPublic ? undefined : await authenticate(req);
    if (principal) {
      res.locals.principal = principal;
      permissions.demand(principal, route.permission);
    }
    if (hasBody.has(route.method)) await readBodyOf(readBody, req, res);
    const on: Occasion = {
      source: 'rest',
      requestId: res.locals.requestId,
      get address() {
        return req.ip;
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
    const { reply, request } = await run(on, raw);
    const { dryRun } = request;
    if (mayWrite && !isPublic && !dryRun) res.setHeader('X-Change-Id', request.caller.changeId);
    if (route.returns === undefined) {
      res.statusCode = 204;
      res.end();
      return;
    }
    // What a dry run would have made has no version that anybody could name later.
    if (!dryRun) {
      tagWithVersion(res, reply);
      if (route.status === 201) tellLocation(req, res, reply);
    }
    sendJson(res, dryRun && route.status === 201 ? 200 : route.status, reply);
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
export function createInvoke(
  parts: Pick<PipelineParts, 'transact' | 'permissions' | 'checkReplies'>,
): Invoke {
  return async (call) => {
    const { route, principal, params = {}, query = {}, body, version, requestId, address, within } = call;
    parts.permissions.demand(principal, route.permission);
    const on: Occasion = {
      source: 'panel',
      requestId,
      address,
      principal,
      ifMatch: version === undefined ? undefined : entityTag(version),
      within,
      setHeader: () => undefined,
    };
    const bad = unstorable(body, 'body');
    if (bad.length > 0) throw invalidRequest(bad);
    const raw = { params, query: { ...query }, body, hasNul: true };
    const { reply } = await runner(route, parts)(on, raw);
    return reply;
  };
}
