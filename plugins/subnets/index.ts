import { definePlugin } from '#core';
import { devices } from '#plugins/devices';
import { vlans } from '#plugins/vlans';
import { subnetConstraints, subnetErrors } from './errors.ts';
import { subnetEvents } from './events.ts';
import { subnetJobs } from './jobs.ts';
import { subnetMetrics } from './metrics.ts';
import { models } from './models.ts';
import { addressRoutes } from './routes/addresses.ts';
import { rangeRoutes } from './routes/ranges.ts';
import { reshapeRoutes } from './routes/reshape.ts';
import { subnetRoutes } from './routes/subnets.ts';
import { treeRoutes } from './routes/tree.ts';
import { vrfRoutes } from './routes/vrfs.ts';
import { createSubnetsApi } from './service.ts';
import { subnetViews } from './views.ts';

export { branchOf } from './branches.ts';
export { lockForLabel, lockHomes } from './bulk-locks.ts';
export { bitsOf, formatIp, readAnyIp } from './domain/address.ts';
export { formatBlock, lastOf, readBlock } from './domain/block.ts';
export { subnetErrors } from './errors.ts';
export { cidrField, ipField, ipOrCidrField } from './fields.ts';
export type { HeldAddress } from './held.ts';
export { atMostOneOf } from './holder-schemas.ts';
export { chosenHolding, chosenHoldings, isOpenChoice } from './holders.ts';
export { addressList, subnetList, wireCount } from './listings.ts';
export { type PolicyCheck, policyChecks } from './policy.ts';
export type { SubnetRecord } from './records.ts';
export {
  type AddressRecord,
  addressAttributes,
  addressSchema,
  newSubnet,
  strategyField,
  subnetSchema,
  vrfChoice,
  vrfReference,
} from './schemas.ts';
export type { SubnetsApi } from './service.ts';

const everybody = ['admin', 'engineer', 'auditor', 'viewer'] as const;
const writers = ['admin', 'engineer'] as const;

/** The address space: VRFs, subnets and addresses, the tree they form, and what is free in it. */
export const subnets = definePlugin({
  name: 'subnets',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps VRFs, subnets and addresses, their tree and their free space.',
  requires: [vlans, devices],
  models,
  migrations: new URL('../../migrations/subnets/', import.meta.url),
  permissions: {
    'subnets:read': { label: 'See VRFs, subnets and addresses', roles: everybody },
    'vrfs:write': { label: 'Create, change and delete VRFs', roles: writers },
    'subnets:write': { label: 'Create, change and delete subnets', roles: writers, delegable: true },
    'subnets:delete-branch': {
      label: 'Delete a subnet with everything in it',
      roles: ['admin'],
      delegable: true,
    },
    'ranges:write': {
      label: 'Create, change and delete ranges of addresses',
      roles: writers,
      delegable: true,
    },
    'addresses:write': { label: 'Register, change and forget addresses', roles: writers, delegable: true },
  },
  events: subnetEvents,
  errors: subnetErrors,
  constraints: subnetConstraints,
  admin: subnetViews,
  setup: createSubnetsApi,
  routes: (api) => [
    ...vrfRoutes(api),
    ...subnetRoutes(api),
    ...treeRoutes(api),
    ...rangeRoutes(api),
    ...reshapeRoutes(api),
    ...addressRoutes(api),
  ],
  jobs: subnetJobs,
  metrics: subnetMetrics,
});
