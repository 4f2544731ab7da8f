import cors from 'cors';
import express, { type Express, type RequestHandler, Router } from 'express';
import type { Log } from '../log/log.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { createRateLimit } from './limit.ts';
import { type PipelineParts, sendJson, serve } from './pipeline.ts';
import { createErrorHandler } from './problems.ts';
import { requestIdOf } from './request.ts';
import type { Route } from './route.ts';
import { securityHeaders } from './security.ts';

export interface AppParts extends PipelineParts {
  log: Log;
  routes: readonly Route[];
  /** Requests per minute and client address on the API; 0 turns the limit off. */
  ratePerMinute: number;
  corsOrigins: readonly string[];
  /** Express's `trust proxy`: which proxies' X-Forwarded-For is believed. */
  trustProxy: string | number | false;
  health: RequestHandler;
  /** The OpenAPI document and its readable page. */
  docs: Router;
}

/** Base of every plugin's route. */
export const apiBase = '/api/v1';

/** First in line: request id, constant headers, and one log line when the answer is out. */
function frame(log: Log): RequestHandler {
  const headers = securityHeaders();
  return (req, res, next) => {
    const began = performance.now();
    const requestId = requestIdOf(req);
    res.locals.requestId = requestId;
    for (const [name, value] of headers) res.setHeader(name, value);
    res.setHeader('X-Request-Id', requestId);
    res.once('close', () => {
      const { route, principal, problem } = res.locals;
      log.info(
        {
          requestId,
          actor: principal && `${principal.kind}:${principal.id}`,
          method: req.method,
          route: route?.path ?? req.path,
          status: res.statusCode,
          problem,
          aborted: res.writableFinished ? undefined : true,
          ms: Math.round((performance.now() - began) * 100) / 100,
        },
        'request',
      );
    });
    next();
  };
}

/** One Express router per first path segment, so that matching does not walk every route of every plugin. */
function mountRoutes(routes: readonly Route[], parts: PipelineParts): Router {
  const top = Router({ caseSensitive: true });
  const segments = new Map<string, Map<string, Route[]>>();
  for (const route of routes) {
    const [, segment = '', ...rest] = route.path.split('/');
    const below = `/${rest.join('/')}`.replaceAll(/\{(\w+)\}/g, ':$1');
    const paths = segments.get(segment) ?? new Map<string, Route[]>();
    segments.set(segment, paths.set(below, [...(paths.get(below) ?? []), route]));
  }
  for (const [segment, paths] of segments) {
    const router = Router({ caseSensitive: true });
    // Fixed paths before those with parameters: /subjects/tree must not be read as the id "tree".
    const ordered = [...paths].sort(([a], [b]) => Number(a.includes(':')) - Number(b.includes(':')));
    for (const [path, onPath] of ordered) {
      const at = router.route(path);
      for (const route of onPath) {
        const limit = route.ratePerMinute && parts.rateLimited ? createRateLimit(route.ratePerMinute) : undefined;
        at[route.method](...(limit ? [limit] : []), serve(route, parts));
      }
      const allow = onPath.map((route) => route.method.toUpperCase()).join(', ');
      at.all((req) => {
        throw kernelErrors.methodNotAllowed(`${req.method} is not possible here; ${allow} is.`, { headers: { Allow: allow } });
      });
    }
    top.use(`/${segment}`, router);
  }
  return top;
}

/** The Express application: frame, CORS, limit, routes, docs, and errors as problem+json. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('trust proxy', parts.trustProxy).set('query parser', false);
  app.use(frame(parts.log));
  app.use('/health', parts.health);
  if (parts.corsOrigins.length > 0) {
    const allow = cors({
      origin: [...parts.corsOrigins],
      exposedHeaders: ['ETag', 'Location', 'X-Request-Id', 'X-Change-Id', 'RateLimit', 'Retry-After'],
      maxAge: 600,
    });
    app.use((req, res, next) => (req.headers.origin === undefined ? next() : allow(req, res, next)));
  }
  const limit = createRateLimit(parts.ratePerMinute);
  app.use(apiBase, ...(limit ? [limit] : []), mountRoutes(parts.routes, parts));
  app.use('/api', parts.docs);
  app.use((req) => {
    throw kernelErrors.notFound(`There is nothing at ${req.method} ${req.path}; /api/docs lists what there is.`);
  });
  app.use(createErrorHandler(parts.log));
  return app;
}

/** Answers liveness at once and readiness from the given checks, each within two seconds. */
export function createHealth(checks: () => Record<string, () => Promise<void>>, isStopping: () => boolean): Router {
  const router = Router();
  router.get('/live', (_req, res) => sendJson(res, 200, { status: 'live' }));
  router.get('/ready', async (_req, res) => {
    const results = await Promise.all(
      Object.entries(checks()).map(async ([name, check]) => {
        const timeout = new Promise<never>((_, reject) => {
          setTimeout(() => reject(new Error('no answer within 2 s')), 2_000).unref();
        });
        return Promise.race([check(), timeout]).then(
          () => [name, 'ok'] as const,
          (fault: Error) => [name, fault.message] as const,
        );
      }),
    );
    const ready = !isStopping() && results.every(([, verdict]) => verdict === 'ok');
    if (!ready) res.setHeader('Retry-After', '2');
    sendJson(res, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) });
  });
  return router;
}
