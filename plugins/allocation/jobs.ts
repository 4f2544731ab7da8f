import { job } from '#core';
import type { AllocationApi } from './service.ts';

/** What this plugin does by the clock. */
export function allocationJobs({ expiry }: AllocationApi) {
  return [job({ name: 'expire', every: '* * * * *', run: expiry.run })];
}
