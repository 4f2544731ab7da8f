import { job } from '#core';
import type { UsersApi } from './service.ts';

/** What the plugin does by the clock. */
export function usersJobs(api: Pick<UsersApi, 'purgeFailures'>) {
  return [
    job({ name: 'purge-failures', every: '*/10 * * * *', run: ({ signal }) => api.purgeFailures(signal) }),
  ];
}
