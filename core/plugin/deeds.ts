import type { Route } from '../http/route.ts';
import type { RegisteredModel, Registry } from './registry.ts';

/** What may be done with records. */
export type Deed = 'read' | 'create' | 'change' | 'remove';

/** The routes of a REST collection (`/subnets`) by which its records are read and written. */
export function recordRoutes(
  collection: string | undefined,
  { routes }: Pick<Registry, 'routes'>,
): Partial<Record<Deed, Route>> {
  if (collection === undefined) return {};
  const find = (method: string, path: string) =>
    routes.find((route) => route.method === method && route.path === path);
  const found = {
    read: find('get', collection),
    create: find('post', collection),
    change: find('patch', `${collection}/{id}`),
    remove: find('delete', `${collection}/{id}`),
  };
  return Object.fromEntries(Object.entries(found).filter(([, route]) => route));
}

/**
 * The permission that a deed with a model's records needs, as its `admin` entry has it: that of the route of its collection, where
 * there is none for the deed that of another that writes, else the one the entry names. Undefined: admins alone may.
 */
export function permissionFor(
  { admin }: Pick<RegisteredModel, 'admin'>,
  deed: Deed,
  registry: Pick<Registry, 'routes'>,
): string | undefined {
  const { read, create, change, remove } = recordRoutes(admin?.rest, registry);
  if (deed === 'read') return read?.permission ?? admin?.read;
  const route = { create, change, remove }[deed] ?? change ?? create ?? remove;
  return route?.permission ?? admin?.write;
}
