import { definePlugin } from '#core';
import { notifiersConfig } from './config.ts';
import { Delivery, deliveryView } from './delivery-model.ts';
import { notifierErrors } from './errors.ts';
import { notifierJobs } from './jobs.ts';
import { notifierResource } from './model.ts';
import { notifierRoutes } from './routes.ts';
import { createNotifiersApi } from './service.ts';

export { type Answer, type Notification, type NotifierKind, notifierKind, notifierKinds } from './kinds.ts';
export type { NotifiersApi } from './service.ts';

/** Notifiers: who is told outside of the register of what happens in it. */
export const notifiers = definePlugin({
  name: 'notifiers',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Tells people and machines what happens, by webhook and e-mail.',
  config: notifiersConfig,
  models: { Notifier: notifierResource.model, Delivery },
  migrations: new URL('../../migrations/notifiers/', import.meta.url),
  permissions: {
    'notifiers:read': { label: 'See notifiers and what they sent', roles: ['admin', 'engineer', 'auditor'] },
    'notifiers:write': {
      label: 'Create, change and delete notifiers, and send again',
      roles: ['admin', 'engineer'],
    },
  },
  errors: notifierErrors,
  constraints: notifierResource.constraints,
  admin: { Notifier: notifierResource.view, Delivery: deliveryView },
  setup: createNotifiersApi,
  routes: notifierRoutes,
  jobs: notifierJobs,
  metrics: ({ metrics }) => metrics,
  concurrency: 20,
});
