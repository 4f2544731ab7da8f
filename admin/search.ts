import { type FoundRecord, type PanelKernel, Problem, panelSearch } from '#core';
import type { RegisterResource } from './resource/resource.ts';
import type { PanelUser } from './user.ts';

/** A record that was found. */
export type ShownRecord = Omit<FoundRecord, 'context'> & {
  /** The list of the panel that it is in; undefined where the panel does not show its kind. */
  model: string | undefined;
  /** What it belongs to and what else it is called, by the panel's names of the columns. */
  context: readonly (readonly [column: string, value: string])[];
};

/** What the page of results gets: found records, or why there are none. */
export interface SearchReply {
  items: readonly ShownRecord[];
  nextCursor: string | null;
  /** The lists in which more match than are told. */
  cut: readonly string[];
  fault?: string;
}

type Handler = (
  request: { query?: { q?: string; cursor?: string } },
  response: unknown,
  context: { currentAdmin?: unknown },
) => Promise<SearchReply>;

const nothing: SearchReply = { items: [], nextCursor: null, cut: [] };

/** Makes what the page of results asks: the route of the plugin that searches, in the person's name; undefined without such a plugin. */
export function createSearch(
  kernel: PanelKernel,
  resources: readonly Pick<RegisterResource, 'view'>[],
): Handler | undefined {
  const [search] = kernel.extensions(panelSearch);
  const route = kernel.registry.routes.find(({ method, path }) => method === 'get' && path === search?.path);
  if (!route) return undefined;
  const views = new Map(resources.map(({ view }) => [view.entity, view]));

  function shown(found: FoundRecord): ShownRecord {
    const view = views.get(found.entity);
    // The API calls a reference by what it refers to.
    const columnOf = (name: string) => (view?.columns.has(`${name}Id`) ? `${name}Id` : name);
    const context = Object.entries(found.context).map(([name, value]) => [columnOf(name), value] as const);
    return { ...found, model: view?.name, context };
  }

  return async ({ query: { q = '', cursor } = {} }, _response, { currentAdmin }) => {
    const user = currentAdmin as PanelUser | undefined;
    if (!user || q.trim() === '') return nothing;
    const { principal, requestId, address } = user;
    try {
      const found = (await kernel.invoke({
        route,
        principal,
        query: { q, ...(cursor ? { cursor } : {}) },
        requestId,
        address,
      })) as { items: FoundRecord[]; nextCursor: string | null; cut: string[] };
      return {
        items: found.items.map(shown),
        nextCursor: found.nextCursor,
        cut: found.cut.map((entity) => views.get(entity)?.name ?? entity),
      };
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      return { ...nothing, fault: fault.message };
    }
  };
}
