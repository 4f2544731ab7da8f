import { z } from 'zod';
import { definePlugin, tableRules } from '#core';
import { auditErrors } from './errors.ts';
import { auditJobs } from './jobs.ts';
import { auditMetrics } from './metrics.ts';
import { AuditLog } from './model.ts';
import { auditRoutes } from './routes.ts';
import { prepareMonths } from './seals/months.ts';
import { createSeals } from './seals/seals.ts';
import { createAuditApi } from './service.ts';
import { auditRule } from './triggers.ts';
import { auditViews } from './views.ts';

export type { Verdict } from './seals/verifying.ts';

/** Records every change of every registered record, tells what was, and takes changes back. */
export const audit = definePlugin({
  name: 'audit',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Records who changed what and when.',
  config: z.object({
    retentionMonths: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_200)
      .optional()
      .describe('whole months of the audit log that are kept beside the current one; all when unset'),
  }),
  models: { AuditLog },
  migrations: new URL('../../migrations/audit/', import.meta.url),
  afterMigrations: (query, { retentionMonths }) => prepareMonths(query, retentionMonths),
  permissions: {
    'audit:read': { label: 'Read the audit log', roles: ['admin', 'auditor'] },
  },
  errors: auditErrors,
  admin: auditViews,
  setup(ctx) {
    ctx.extend(tableRules, auditRule);
    return { ...createAuditApi(ctx), seals: createSeals(ctx) };
  },
  routes: auditRoutes,
  jobs: auditJobs,
  metrics: auditMetrics,
});
