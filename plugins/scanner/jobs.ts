import { job } from '#core';
import type { ScannerApi } from './service.ts';

/** What this plugin does by the clock, and from the queue. */
export function scannerJobs({ scans }: ScannerApi) {
  return [
    scans.sweep,
    job({ name: 'schedule', every: '* * * * *', run: ({ caller }) => scans.due(caller) }),
    job({ name: 'tend', every: '30 * * * * *', run: ({ caller, signal }) => scans.tend(caller, signal) }),
  ];
}
