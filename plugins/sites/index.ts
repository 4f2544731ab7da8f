import { definePlugin } from '#core';
import { siteConstraints, siteErrors } from './errors.ts';
import { sites as resource } from './model.ts';

export { sites as siteModel } from './model.ts';

/** Sites: where the rest of the inventory stands. */
export const sites = definePlugin({
  name: 'sites',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps the sites where things stand, and what lies in what.',
  models: { Site: resource.model },
  migrations: new URL('../../migrations/sites/', import.meta.url),
  permissions: {
    'sites:read': { label: 'See sites', roles: ['admin', 'engineer', 'auditor', 'viewer'] },
    'sites:write': { label: 'Create, change and delete sites', roles: ['admin', 'engineer'] },
  },
  errors: siteErrors,
  constraints: { ...resource.constraints, ...siteConstraints },
  admin: { Site: resource.view },
  setup: (ctx) => resource.service(ctx),
  routes: (api) => resource.routes(api, { change: { throws: [siteErrors.siteMisplaced] } }),
});
