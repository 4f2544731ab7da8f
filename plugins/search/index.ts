import { definePlugin, panelSearch } from '#core';
import { searchRoutes } from './routes.ts';
import { createSearch } from './service.ts';

/** Finds records of every model that says how they are found (`search` of `defineModel`). */
export const search = definePlugin({
  name: 'search',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Finds records of every kind by an address, a name, a MAC address, a number or a tag.',
  setup(ctx) {
    ctx.extend(panelSearch, { path: '/search' });
    return createSearch(ctx);
  },
  routes: (api) => searchRoutes(api),
});
