import { type Metric, named } from '#core';
import type { NotifiersContext } from './catalogue.ts';

const live = named(
  'delivery_live',
  `SELECT count(*)::int AS pending, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest
     FROM delivery WHERE state = 'pending'`,
);
const failed = named(
  'delivery_failed',
  `SELECT count(*)::int AS failed FROM delivery WHERE state = 'failed'`,
);

/** What this plugin shows at `/metrics`; both statements read an index of just these rows. */
export function notifierMetrics({ query }: Pick<NotifiersContext['db'], 'query'>): Record<string, Metric> {
  const ofPending = (name: 'pending' | 'oldest') => async () => {
    const [row] = await query<{ pending: number; oldest: number }>(live);
    return row?.[name] ?? 0;
  };
  return {
    cadastre_deliveries_pending: {
      help: 'Notifications that are still to be delivered.',
      read: ofPending('pending'),
    },
    cadastre_deliveries_oldest_seconds: {
      help: 'How long the oldest of them has waited; 0 where there is none.',
      read: ofPending('oldest'),
    },
    cadastre_deliveries_failed: {
      help: 'Notifications that were not delivered, and are kept.',
      read: async () => (await query<{ failed: number }>(failed))[0]?.failed ?? 0,
    },
  };
}
