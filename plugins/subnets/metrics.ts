import type { SubnetsApi } from './service.ts';

/** What this plugin shows at `/metrics`. */
export function subnetMetrics({ drift }: SubnetsApi) {
  return {
    cadastre_counter_drift: {
      help: 'Subnets whose counters or free space were not what their addresses make them; must be 0.',
      read: drift.found,
    },
  };
}
