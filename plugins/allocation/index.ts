import { z } from 'zod';
import { definePlugin } from '#core';
import { devices } from '#plugins/devices';
import { subnets } from '#plugins/subnets';
import { vlans } from '#plugins/vlans';
import { allocationConstraints, allocationErrors } from './errors.ts';
import { allocationEvents } from './events.ts';
import { allocationJobs } from './jobs.ts';
import { models } from './models.ts';
import { poolRoutes } from './pool-routes.ts';
import { allocationRoutes } from './routes.ts';
import { createAllocationApi } from './service.ts';
import { allocationViews } from './views.ts';

export type { BlockSpace, FreeSpace } from './free-space.ts';
export type { AllocationApi } from './service.ts';
export {
  type AddressStrategy,
  allocationStrategies,
  type SubnetStrategy,
  subnetStrategies,
} from './strategies.ts';

/** Hands out addresses and subnets, and takes them back. */
export const allocation = definePlugin({
  name: 'allocation',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Hands out addresses and subnets, and takes them back.',
  requires: [vlans, devices, subnets],
  config: z.object({
    cooldownSeconds: z.coerce
      .number()
      .int()
      .min(0)
      .max(31_536_000)
      .default(0)
      .describe('rest of a released address'),
    expiryNoticeHours: z.coerce
      .number()
      .int()
      .min(0)
      .max(8_760)
      .default(24)
      .describe('how long before its expiry an address is announced'),
  }),
  models,
  migrations: new URL('../../migrations/allocation/', import.meta.url),
  permissions: {
    'allocation:write': {
      label: 'Hand out and release addresses and subnets',
      roles: ['admin', 'engineer'],
      delegable: true,
    },
    'pools:write': {
      label: 'Create, change and delete pools',
      roles: ['admin', 'engineer'],
      delegable: true,
    },
  },
  events: allocationEvents,
  errors: allocationErrors,
  constraints: allocationConstraints,
  admin: allocationViews,
  setup: createAllocationApi,
  routes: (api) => [...allocationRoutes(api), ...poolRoutes(api)],
  jobs: allocationJobs,
});
