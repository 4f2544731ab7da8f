import { parse as parseQueryString } from 'node:querystring';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Permissions } from '../auth/permissions.ts';
import type { Transact } from '../db/transaction.ts';
import { entityTag, HandledRequest } from './request.ts';
import type { Route } from './route.ts';
import { unstorable } from './storable.ts';
import { Faults } from './validate.ts';

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

/** Serves one route: who is it, may they, is the request valid, then the handler, then the reply. */
export function serve(route: Route, parts: PipelineParts): RequestHandler {
  const { authenticate, permissions, readBody, checkReplies } = parts;
  const mayWrite = route.method !== 'get';
  const bodySchema = hasBody.has(route.method) ? (route.body ?? nothing) : undefined;
  const querySchema = route.query ?? nothing;
  const handler = route.handler as unknown as (request: HandledRequest) => Promise<unknown>;
  const isPublic = route.permission === 'public';

  return async (req, res) => {
    res.locals.route = route;
    const principal = isPublic ? undefined : await authenticate(req);
    if (principal) {
      res.locals.principal = principal;
      permissions.demand(principal, route.permission);
    }
    if (bodySchema) await readBodyOf(readBody, req, res);
    const query = queryOf(req);
    const faults = new Faults();
    if (req.url.includes('%00'))
      faults.errors.push(...unstorable(query, 'query'), ...unstorable(req.params, 'path'));
    let dryRun = false;
    if (route.dryRun && 'dryRun' in query) {
      dryRun = faults.check('query.dryRun', dryRunFlag, query.dryRun) ?? false;
      delete query.dryRun;
    }
    const request = new HandledRequest(req, res, parts, principal, {
      params: route.params && faults.check('path', route.params, req.params),
      query: faults.check('query', querySchema, query),
      body: bodySchema && faults.check('body', bodySchema, req.body === undefined ? {} : req.body),
      dryRun,
    });
    const problem = faults.problem();
    if (problem) throw problem;
    const reply = await handler(request);
    if (mayWrite && !isPublic && !dryRun) res.setHeader('X-Change-Id', request.caller.changeId);
    if (route.returns === undefined) {
      res.statusCode = 204;
      res.end();
      return;
    }
    // A reply of chosen `fields` lacks the others, as asked for.
    if (checkReplies && !('fields' in query)) route.returns.parse(JSON.parse(JSON.stringify(reply)));
    // What a dry run would have made has no version that anybody could name later.
    if (!dryRun) {
      tagWithVersion(res, reply);
      if (route.status === 201) tellLocation(req, res, reply);
    }
    sendJson(res, dryRun && route.status === 201 ? 200 : route.status, reply);
  };
}
