import { definePlugin } from '#core';
import { customFieldConstraints, customFieldErrors } from './errors.ts';
import { CustomField } from './model.ts';
import { customFieldRoutes } from './routes.ts';
import { createCustomFieldService } from './service.ts';
import { customFieldViews } from './views.ts';

export type { CustomFieldService } from './service.ts';

/** Fields that admins add to the records of any model. */
export const customfields = definePlugin({
  name: 'customfields',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Lets admins add fields of their own to records.',
  models: { CustomField },
  migrations: new URL('../../migrations/customfields/', import.meta.url),
  afterMigrations: (query) =>
    query('SELECT keep_custom_field_table(t) FROM (SELECT DISTINCT of_table FROM custom_field) f (t)'),
  permissions: {
    'customfields:read': {
      label: 'See which custom fields there are',
      roles: ['admin', 'engineer', 'auditor', 'viewer'],
    },
    'customfields:write': { label: 'Define, change and delete custom fields', roles: ['admin'] },
  },
  errors: customFieldErrors,
  constraints: customFieldConstraints,
  admin: customFieldViews,
  setup: createCustomFieldService,
  routes: customFieldRoutes,
});
