import { type RequestHandler, Router } from 'express';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { createRateLimit } from './limit.ts';
import { type PipelineParts, serve } from './pipeline.ts';
import type { Route } from './route.ts';

/** One Express router per first path segment, so that matching does not walk every route of every plugin. */
export function mountRoutes(routes: readonly Route[], parts: PipelineParts): Router {
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
    const ordered = [...paths].sort(([a], [b]) => (fixedFirst(a) < fixedFirst(b) ? -1 : 1));
    for (const [path, onPath] of ordered) mountPath(router.route(path), onPath, parts);
    top.use(`/${segment}`, router);
  }
  return top;
}

/** Sorts fixed segments before parameters, from the left: /subjects/tree must not be read as the id "tree". */
function fixedFirst(path: string): string {
  return path.replaceAll(/:\w+/g, '\uffff');
}

function mountPath(at: ReturnType<Router['route']>, onPath: readonly Route[], parts: PipelineParts): void {
  for (const route of onPath) {
    const limit = parts.rateLimited && route.ratePerMinute ? createRateLimit(route.ratePerMinute) : undefined;
    at[route.method](...(limit ? [limit] : []), serve(route, parts));
  }
  const methods = onPath.map((route) => route.method.toUpperCase());
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  const refuse: RequestHandler = (req) => {
    throw kernelErrors.methodNotAllowed(`${req.method} is not possible here; ${allow} are.`, {
      headers: { Allow: allow },
    });
  };
  at.options((_req, res) => {
    res.setHeader('Allow', allow).status(204).end();
  });
  at.all(refuse);
}
