import { definePlugin, tableRules } from '#core';
import { auditErrors } from './errors.ts';
import { AuditLog } from './model.ts';
import { auditRoutes } from './routes.ts';
import { createAuditApi } from './service.ts';
import { auditRule } from './triggers.ts';
import { auditViews } from './views.ts';

/** Records every change of every registered record, tells what was, and takes changes back. */
export const audit = definePlugin({
  name: 'audit',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Records who changed what and when.',
  models: { AuditLog },
  migrations: new URL('../../migrations/audit/', import.meta.url),
  permissions: {
    'audit:read': { label: 'Read the audit log', roles: ['admin', 'auditor'] },
  },
  errors: auditErrors,
  admin: auditViews,
  setup(ctx) {
    ctx.extend(tableRules, auditRule);
    return createAuditApi(ctx);
  },
  routes: auditRoutes,
});
