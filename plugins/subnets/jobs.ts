import { job } from '#core';
import type { SubnetsApi } from './service.ts';

/** What this plugin does by the clock. */
export function subnetJobs({ rollup, drift }: SubnetsApi) {
  return [
    job({ name: 'rollup', every: '*/5 * * * * *', run: rollup.fold }),
    job({ name: 'check', every: '23 */4 * * *', run: drift.check }),
  ];
}
