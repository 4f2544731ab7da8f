import { definePlugin } from '#core';
import { subnets } from '#plugins/subnets';
import { tagErrors } from './errors.ts';
import { tagEvents } from './events.ts';
import { tagResource } from './model.ts';
import { tagRoutes } from './routes.ts';
import { createTagsApi } from './service.ts';

export type { TagsApi } from './service.ts';

/** Tags: what the labels mean that records carry, and what is inherited of them down the tree. */
export const tags = definePlugin({
  name: 'tags',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps the colours of tags, and what is inherited of them down the tree.',
  requires: [subnets],
  models: { Tag: tagResource.model },
  migrations: new URL('../../migrations/tags/', import.meta.url),
  permissions: {
    'tags:read': { label: 'See tags', roles: ['admin', 'engineer', 'auditor', 'viewer'] },
    'tags:write': {
      label: 'Create, change and delete tags, with the records that carry them',
      roles: ['admin', 'engineer'],
    },
  },
  events: tagEvents,
  errors: tagErrors,
  constraints: tagResource.constraints,
  admin: { Tag: tagResource.view },
  setup: createTagsApi,
  routes: tagRoutes,
});
