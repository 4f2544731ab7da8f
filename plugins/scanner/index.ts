import { definePlugin, kernelErrors } from '#core';
import { subnets } from '#plugins/subnets';
import { scannerConfig } from './config.ts';
import { scannerErrors } from './errors.ts';
import { scannerEvents } from './events.ts';
import { scannerJobs } from './jobs.ts';
import { models } from './models.ts';
import { inboxRoutes, scanRoutes } from './routes.ts';
import { createScannerApi } from './service.ts';
import { scannerViews } from './views.ts';

export { packetProbes } from './probes/built-in.ts';
export { type Finding, type Probe, type ProbeOptions, scanProbes, type Target } from './probes/probe.ts';
export type { Look } from './scans.ts';
export type { ScannerApi } from './service.ts';

/** Looks at what is really there, and says where the register disagrees. */
export const scanner = definePlugin({
  name: 'scanner',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Scans subnets, and tells where network and register disagree.',
  requires: [subnets],
  config: scannerConfig,
  models,
  migrations: new URL('../../migrations/scanner/', import.meta.url),
  permissions: {
    'scans:read': {
      label: 'See scans, conflicts and discoveries',
      roles: ['admin', 'engineer', 'auditor', 'viewer'],
    },
    'scans:write': { label: 'Start, cancel and schedule scans', roles: ['admin', 'engineer'] },
  },
  events: scannerEvents,
  errors: scannerErrors,
  constraints: {
    scan_block_overlap: {
      problem: kernelErrors.conflict,
      say: () => 'Another scan is under way in one of these blocks; try again when it has ended.',
    },
  },
  admin: scannerViews,
  setup: createScannerApi,
  routes: (api) => [...scanRoutes(api), ...inboxRoutes(api)],
  jobs: scannerJobs,
});
