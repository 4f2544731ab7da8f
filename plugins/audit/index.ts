import { definePlugin, tableRules } from '#core';
import { AuditLog } from './model.ts';
import { auditRule } from './triggers.ts';

/** Records every change of every registered record, and keeps the record from being changed. */
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
  setup: (ctx) => ctx.extend(tableRules, auditRule),
});
