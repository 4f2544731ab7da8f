import {
  type default as AdminJs,
  type Router as AdminRouter,
  type BaseRecord,
  type CurrentAdmin,
  ForbiddenError,
  NotFoundError,
} from 'adminjs';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { kernelErrors } from '#core';
import type { PanelUser } from '../user.ts';
import { reachesIntoPrototypes, readPayload } from './payload.ts';

type Action = ReturnType<ReturnType<AdminJs['resources'][number]['decorate']>['resourceActions']>[number];
type AdminRoute = (typeof AdminRouter)['routes'][number];
interface Controller {
  [action: string]: (request: unknown, response: unknown) => Promise<unknown>;
}
/** What AdminJS answers an action with. */
interface Outcome {
  record?: { params?: object; errors?: object };
  notice?: { type?: string };
}

/** Actions whose handlers, asked by GET, only show what they would work on, as those of views do; every other one is asked by POST. */
const shownByGet = new Set([
  'list',
  'search',
  'show',
  'history',
  'fields',
  'edit',
  'delete',
  'bulkDelete',
  'bulkEdit',
]);

interface RouterParts {
  admin: AdminJs;
  routes: readonly AdminRoute[];
  /** Sends a page of AdminJS's. */
  sendPage(res: Response, html: string): void;
  /** Who is signed in; the router is behind the check that somebody is. */
  userOf(res: Response): PanelUser;
}

/** What a page, a list, a search or a bulk action may be asked; `page.100000000` would have AdminJS make an array of that length. */
const asked =
  /^(q|cursor|page|perPage|sortBy|direction|recordIds|searchProperty|filters\.[A-Za-z]\w*(~~(from|to))?)$/;

/** The query by its flat names (`filters.cidr`), as AdminJS wants it. */
function queryOf(req: Request): Record<string, string> {
  const at = req.url.indexOf('?');
  const given = new URLSearchParams(at < 0 ? '' : req.url.slice(at + 1));
  return Object.fromEntries([...given].filter(([name]) => asked.test(name) && !reachesIntoPrototypes(name)));
}

/** Whether a path asks for an action as what it is: of a record, of several, or of the resource. AdminJS runs any as any. */
function isAskedAsMeant(path: string, action: Action): boolean {
  const [, kind] = /\/resources\/[^/]+\/(records|bulk)\//.exec(path) ?? [];
  if (kind === 'records') return action.isRecordType();
  return kind === 'bulk' ? action.isBulkType() : action.isResourceType();
}

/** The resource that a path names. */
function resourceOf(admin: AdminJs, { params }: Request) {
  return admin.resources.find((each) => each.decorate().id() === params.resourceId);
}

/** The named resource and action; AdminJS itself would throw an error of ours (500) for a name that it does not know. */
function demandKnown({ admin, userOf }: RouterParts, req: Request, res: Response): void {
  const { resourceId, action, pageName } = req.params as Record<string, string | undefined>;
  if (pageName !== undefined && !Object.hasOwn(admin.options.pages ?? {}, pageName)) {
    throw kernelErrors.notFound(`There is no page ${pageName}.`);
  }
  if (resourceId === undefined) return;
  const resource = resourceOf(admin, req);
  if (!resource) throw kernelErrors.notFound(`There is no resource ${resourceId}.`);
  const name = action ?? (req.path.includes('/search') ? 'search' : 'list');
  const known = resource.decorate().actions;
  const meant = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!meant || !isAskedAsMeant(req.path, meant)) {
    throw kernelErrors.notFound(`${resourceId} has no action ${name} here.`);
  }
  if (req.path.includes('/bulk/') && !queryOf(req).recordIds) {
    throw kernelErrors.notFound('No record was selected.');
  }
  if (!req.path.startsWith('/api/')) return;
  if (req.method !== 'POST' && !shownByGet.has(name) && !meant.custom().isOwn) {
    throw kernelErrors.methodNotAllowed(`${name} is done by POST.`, { headers: { Allow: 'POST' } });
  }
  // Before AdminJS has run any hook; and with the status that REST would answer with.
  const user = userOf(res) as unknown as CurrentAdmin;
  if (!meant.isAccessible(user, undefined as unknown as BaseRecord)) {
    throw kernelErrors.forbidden(
      `The role ${userOf(res).principal.role} may not do this with ${resourceId}.`,
    );
  }
}

/**
 * What of a payload the resource of the path knows, or its action asks for. Not its key: which record is meant, the path says, and
 * AdminJS would change the one that the body names.
 */
function ofProperties(
  admin: AdminJs,
  req: Request,
  payload: Record<string, unknown>,
): Record<string, unknown> {
  const resource = resourceOf(admin, req);
  if (!resource) return payload;
  const actions = resource.decorate().actions;
  const name = String(req.params.action ?? '');
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const fields = (action?.custom().fields ?? []) as readonly (string | { name: string })[];
  const asked = new Set(fields.map((field) => (typeof field === 'string' ? field : field.name)));
  const known = Object.entries(payload).filter(([name]) => {
    if (asked.has(name)) return true;
    const property = resource.property(name);
    return property && !property.isId();
  });
  return Object.fromEntries(known);
}

/** Takes out what was typed as a password: AdminJS answers a form with all that was in it. */
function forgetPasswords(admin: AdminJs, req: Request, { record }: Outcome): void {
  const resource = resourceOf(admin, req);
  const params = (record?.params ?? {}) as Record<string, unknown>;
  for (const name of Object.keys(params)) {
    if (resource?.property(name)?.type() === 'password') delete params[name];
  }
}

/** What AdminJS throws outside of an action, as the problem that it is. */
function asProblem(fault: unknown): unknown {
  if (fault instanceof NotFoundError) return kernelErrors.notFound('There is no such record.');
  if (fault instanceof ForbiddenError) return kernelErrors.forbidden('This is not for your role.');
  return fault;
}

/** AdminJS tells of a record that it does not find by a message alone. */
function isMissing({ record, notice }: Outcome): boolean {
  return (
    notice?.type === 'error' &&
    Object.keys(record?.params ?? { one: 1 }).length === 0 &&
    Object.keys(record?.errors ?? {}).length === 0
  );
}

function handlerOf(route: AdminRoute, parts: RouterParts): RequestHandler {
  const { admin, sendPage, userOf } = parts;
  return async (req, res) => {
    demandKnown(parts, req, res);
    const payload = req.method === 'POST' ? ofProperties(admin, req, await readPayload(req, res)) : {};
    const controller: Controller = new route.Controller({ admin }, userOf(res));
    const request = {
      params: { ...req.params, ...(req.params.action ? { actionName: req.params.action } : {}) },
      query: queryOf(req),
      payload,
      // HEAD comes here too, and AdminJS would take it for a POST.
      method: req.method === 'POST' ? 'post' : 'get',
    };
    const answer = await controller[route.action]?.(request, res).catch((fault: unknown) => {
      throw asProblem(fault);
    });
    if (typeof answer === 'string') {
      sendPage(res, answer);
      return;
    }
    const outcome = (answer ?? {}) as Outcome;
    forgetPasswords(admin, req, outcome);
    res.status(isMissing(outcome) ? 404 : 200).json(outcome);
  };
}

/** AdminJS's own pages and API as Express routes. */
export function createAdminRoutes(parts: RouterParts): RequestHandler {
  const router = Router({ caseSensitive: true });
  for (const route of parts.routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const handler = handlerOf(route, parts);
    if (route.method === 'POST') router.post(path || '/', handler);
    else router.get(path || '/', handler);
  }
  return router;
}
