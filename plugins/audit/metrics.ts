import type { Seals } from './seals/seals.ts';

/** What this plugin shows at `/metrics`. */
export function auditMetrics({ seals }: { seals: Seals }) {
  return {
    cadastre_audit_unsealed_seconds: {
      help: 'How long the oldest row of the audit log that is not sealed has waited for it; 0 where there is none.',
      read: seals.lag,
    },
  };
}
