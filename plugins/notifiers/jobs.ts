import { job } from '#core';
import type { NotifiersApi } from './service.ts';

/** What this plugin does from the queue and by the clock. */
export function notifierJobs({ send, lookAfter }: NotifiersApi) {
  return [send, job({ name: 'look-after', every: '* * * * *', run: ({ signal }) => lookAfter(signal) })];
}
