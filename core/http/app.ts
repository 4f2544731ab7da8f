import cors from 'cors';
import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Problem } from '../errors/problem.ts';
import { type Log, plainLines } from '../log/log.ts';
import { redacted } from '../log/redact.ts';
import { cutOff } from './body.ts';
import { mountRoutes } from './mount.ts';
import type { Panel } from './panel.ts';
import type { PipelineParts } from './pipeline.ts';
import { createErrorHandler } from './problems.ts';
import { requestIdOf } from './request.ts';
import type { Route } from './route.ts';
import type { Headers } from './security.ts';

export interface AppParts extends PipelineParts {
  log: Log;
  routes: readonly Route[];
  /** Requests per minute and client address on the API; 0 turns the limit off. */
  ratePerMinute: number;
  corsOrigins: readonly string[];
  /** What every answer carries. */
  headers: Headers;
  /** Express's `trust proxy`: which proxies' X-Forwarded-For is believed. */
  trustProxy: string | number | false;
  health: RequestHandler;
  metrics: RequestHandler;
  /** The OpenAPI document and its readable page. */
  docs: Router;
  panel: Panel | undefined;
}

/** How many headers a request may have; browsers send twenty. */
const mostHeaders = 100;

/** Base of every plugin's route. */
const apiBase = '/api/v1';

/** What is wrong with a request that Node let through. */
function unfit({ rawHeaders, headers, httpVersion }: Request): Problem | undefined {
  if (rawHeaders.length > 2 * mostHeaders) {
    return kernelErrors.headersTooLarge(`A request may have ${mostHeaders} headers.`);
  }
  if (headers.host === undefined && httpVersion === '1.1') {
    return kernelErrors.notParseable('The header Host is missing (RFC 9112, section 3.2).');
  }
  return undefined;
}

/** First in line: request id, constant headers, and one log line when the answer is out. */
function frame(log: Log, headers: Headers): RequestHandler {
  const lines = plainLines(log);
  return (req, res, next) => {
    const began = performance.now();
    const requestId = requestIdOf(req);
    res.locals.requestId = requestId;
    for (const [name, value] of headers) res.setHeader(name, value);
    res.setHeader('X-Request-Id', requestId);
    res.once('close', () => {
      if (!req.complete && res.writableFinished) cutOff(req);
      const { route, principal, problem } = res.locals;
      lines.info(
        {
          requestId,
          actor: principal && `${principal.kind}:${principal.id}`,
          method: req.method,
          route: route?.path ?? redacted(req.originalUrl.split('?', 1)[0] as string),
          status: res.statusCode,
          problem,
          aborted: res.writableFinished ? undefined : true,
          ms: Math.round((performance.now() - began) * 100) / 100,
        },
        'request',
      );
    });
    next(unfit(req));
  };
}

/** The Express application: frame, CORS, limit, routes, docs, and errors as problem+json. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('trust proxy', parts.trustProxy).set('query parser', false);
  app.use(frame(parts.log, parts.headers));
  app.use('/health', parts.health);
  app.get('/metrics', parts.metrics);
  if (parts.panel) app.use(parts.panel.path, parts.panel.handler);
  if (parts.corsOrigins.length > 0) {
    const allow = cors({
      origin: [...parts.corsOrigins],
      exposedHeaders: [
        ...['ETag', 'Location', 'X-Request-Id', 'X-Change-Id', 'Idempotency-Replayed'],
        ...['RateLimit', 'Retry-After'],
      ],
      maxAge: 600,
    });
    app.use((req, res, next) => (req.headers.origin === undefined ? next() : allow(req, res, next)));
  }
  const limit = parts.rateLimit('all', parts.ratePerMinute);
  app.use(apiBase, ...(limit ? [limit] : []), mountRoutes(parts.routes, parts));
  app.use('/api', parts.docs);
  app.use((req) => {
    throw kernelErrors.notFound(
      `There is nothing at ${req.method} ${redacted(req.path)}; /api/docs lists what there is.`,
    );
  });
  app.use(createErrorHandler(parts.log));
  return app;
}
