import { type RequestHandler, Router } from 'express';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { type PipelineParts, serve } from './pipeline.ts';
import type { Route } from './route.ts';

/** The first segment of a path and how many it has (`subjects 3` for /subjects/7/notes): what a router is kept under. */
function shapeOf(path: string): string {
  const segments = path.split('/');
  const trailing = path.length > 1 && path.endsWith('/') ? 1 : 0;
  return `${segments[1]} ${segments.length - 1 - trailing}`;
}

/** One Express router per shape of path, so that matching does not walk every route of every plugin. */
export function mountRoutes(routes: readonly Route[], parts: PipelineParts): RequestHandler {
  const shapes = Map.groupBy(routes, ({ path }) => shapeOf(path));
  const routers = new Map<string, Router>();
  for (const [shape, ofShape] of shapes) {
    const router = Router({ caseSensitive: true });
    const paths = Map.groupBy(ofShape, ({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
    const ordered = [...paths].sort(([a], [b]) => (fixedFirst(a) < fixedFirst(b) ? -1 : 1));
    for (const [path, onPath] of ordered) mountPath(router.route(path), onPath, parts);
    routers.set(shape, router);
  }
  return (req, res, next) => {
    const router = routers.get(shapeOf(req.path));
    if (router) router(req, res, next);
    else next();
  };
}

/** Sorts fixed segments before parameters, from the left: /subjects/tree must not be read as the id "tree". */
function fixedFirst(path: string): string {
  return path.replaceAll(/:\w+/g, '\uffff');
}

function mountPath(at: ReturnType<Router['route']>, onPath: readonly Route[], parts: PipelineParts): void {
  for (const route of onPath) {
    const named = `${route.method.toUpperCase()} ${route.path}`;
    const limit = parts.rateLimit(named, route.ratePerMinute ?? 0);
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
