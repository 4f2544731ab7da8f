import { job } from '#core';
import type { Seals } from './seals/seals.ts';

/** What this plugin does by the clock. */
export function auditJobs({ seals }: { seals: Seals }) {
  return [
    job({ name: 'seal', every: '* * * * *', run: seals.seal }),
    job({ name: 'months', every: '17 0 * * *', run: seals.keepMonths }),
  ];
}
