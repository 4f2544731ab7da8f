import { z } from 'zod';
import type { FieldError } from '../errors/problem.ts';
import { Problem } from '../errors/problem.ts';
import type { Route } from './route.ts';
import { invalidRequest } from './validate.ts';

/** The most items that one list may have. */
export const mostItems = 1000;

/** What `?mode=` says of a list: all of it or nothing, or whatever is good. */
export const bulkMode = z.enum(['atomic', 'partial']);

/** The route that each item of a list goes through; undefined for a route that takes no lists. */
export function itemRouteOf(route: Route): Route | undefined {
  return route.each ?? (route.bulk && route.method === 'post' ? route : undefined);
}

/** Routes with those that `bulk` adds: beside the PATCH of an item, that of its collection. Throws where `bulk` has no place. */
export function withBulkRoutes(routes: readonly Route[]): Route[] {
  return routes.flatMap((route) => {
    if (!route.bulk) return [route];
    const fault = faultOf(route);
    if (fault) throw new Error(`${route.method.toUpperCase()} ${route.path} cannot be bulk: ${fault}.`);
    return route.method === 'patch' ? [route, collectionPatch(route)] : [route];
  });
}

const lastSegment = '/{id}';

function faultOf({ method, path, params, query, body, returns, idempotency }: Route): string | undefined {
  if (method !== 'post' && method !== 'patch') return 'only POST and PATCH take lists';
  if (!body || !returns) return 'it needs a body and a reply';
  if (query && 'mode' in query.shape) return 'its query has a parameter "mode" of its own';
  if (idempotency === 'own') return 'it keeps its idempotency keys itself';
  if (method === 'post') return undefined;
  if (!path.endsWith(lastSegment) || !params) return 'its path does not end with /{id}';
  if (!(body instanceof z.ZodObject)) return 'its body is no object';
  const own = ['id', 'version'].find((name) => name in body.shape);
  return own && `its body has a field "${own}" of its own`;
}

function collectionPatch(item: Route): Route {
  const { id: _, ...params } = item.params?.shape ?? {};
  const body = item.body as z.ZodObject;
  const version = z.int().min(1).optional().meta({
    description: 'The version that was read; 412 where it is no longer the current one.',
  });
  return Object.freeze({
    ...item,
    path: item.path.slice(0, -lastSegment.length) as Route['path'],
    summary: `${item.summary}, several at once`,
    params: Object.keys(params).length > 0 ? z.strictObject(params) : undefined,
    body: z
      .array(body.safeExtend({ id: z.int().positive(), version }))
      .min(1)
      .max(mostItems),
    example: [{ id: 1, version: 1, ...(item.example as object | undefined) }],
    bulk: false,
    each: item,
  } as Route);
}

/** One item of a list that was refused, and where it stands. */
export interface Refused {
  index: number;
  problem: Problem;
}

/** The problem of an item as the list has it: what it says of `body.cidr` and `path.id` is of `body.3.cidr` and `body.3.id`. */
export function problemAt(index: number, problem: Problem): Problem {
  if (!problem.errors) return problem;
  const errors = problem.errors.map((error) => ({
    ...error,
    path: error.path.replace(/^(body|path)(?=\.|$)/, `body.${index}`),
  }));
  const { message, members } = problem;
  const detail =
    message === invalidRequest(problem.errors).message ? invalidRequest(errors).message : message;
  return new Problem(problem, detail, { errors, members });
}

/** The refusal of a whole list: the problem of its first fault, with all of them and their places in the list. */
export function refusedList(refused: readonly Refused[], items: number): Problem {
  const [first] = refused;
  if (!first) throw new Error('There is no refusal.');
  const { index, problem } = first;
  const told = problem.message.startsWith(`body.${index}`)
    ? problem.message
    : `body.${index}: ${problem.message}`;
  const errors = refused.flatMap(({ problem: { errors = [] } }): FieldError[] => errors);
  return new Problem(
    problem,
    `Nothing was changed, since ${refused.length} of ${items} items are refused; the first, ${told}`,
    { ...(problem.errors ? { errors } : {}), members: { ...problem.members, refused: refused.map(inList) } },
  );
}

function inList({ index, problem }: Refused): object {
  const { members, status, code, message: detail, errors } = problem;
  return { ...members, index, status, code, detail, ...(errors ? { errors } : {}) };
}
