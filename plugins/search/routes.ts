import { route } from '#core';
import { searchPage, searchQuery } from './schemas.ts';
import type { SearchApi } from './service.ts';

/** /search. */
export function searchRoutes(api: SearchApi) {
  return [
    route({
      method: 'get',
      path: '/search',
      tag: 'Search',
      summary: 'Find records of every kind by an address, a name, a MAC address, a number or a tag',
      description:
        'Of each kind of record what the caller may read, the best matches first. Each way of matching brings at most 200 records of a kind; `cut` names the kinds that have more.',
      permission: 'signed-in',
      query: searchQuery,
      returns: searchPage,
      handler: ({ query, principal, allows }) => api.search(query, { principal, allows }),
    }),
  ];
}
