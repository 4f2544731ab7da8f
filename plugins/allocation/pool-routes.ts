import { idParams, route } from '#core';
import { subnetErrors } from '#plugins/subnets';
import { allocationErrors } from './errors.ts';
import { createPoolSchemas, poolSchema } from './pool-schemas.ts';
import { allocatedAddresses, allocatedSubnets, createWishSchemas } from './schemas.ts';
import type { AllocationApi } from './service.ts';

const { insufficientSpace } = subnetErrors;
const { poolTaken, addressInRange, addressCoolingDown, addressOutside, addressNotUsable, strategyUnknown } =
  allocationErrors;

/** /pools, and handing out of them. */
export function poolRoutes({ pools, strategies }: AllocationApi) {
  const { newPool, poolPatch } = createPoolSchemas(strategies);
  const { wishes, subnetWish } = createWishSchemas(strategies);
  const common = { tag: 'Pools', permission: 'pools:write', dryRun: true } as const;
  const handsOut = {
    ...common,
    method: 'post',
    permission: 'allocation:write',
    params: idParams,
    status: 201,
  } as const;
  return [
    route({
      method: 'get',
      path: '/pools',
      tag: 'Pools',
      summary: 'List pools',
      permission: 'subnets:read',
      query: pools.listing.query,
      returns: pools.listing.page,
      handler: ({ query }) => pools.list(query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/pools',
      summary: 'Create a pool',
      description:
        'Its subnets are asked in the order given; they may be of both families and of several VRFs.',
      body: newPool,
      example: { name: 'servers', members: [1], strategy: 'sparse', defaultPrefixLength: 28 },
      returns: poolSchema,
      status: 201,
      throws: [poolTaken],
      handler: ({ body, write }) => write((tx) => pools.create(tx, body)),
    }),
    route({
      method: 'get',
      path: '/pools/{id}',
      tag: 'Pools',
      summary: 'Show a pool',
      permission: 'subnets:read',
      params: idParams,
      returns: poolSchema,
      handler: ({ params }) => pools.get(params.id),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/pools/{id}',
      summary: 'Change a pool',
      description: '`members` replaces the whole list.',
      params: idParams,
      body: poolPatch,
      example: { members: [2, 1] },
      returns: poolSchema,
      throws: [poolTaken],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => pools.update(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/pools/{id}',
      summary: 'Delete a pool',
      description: 'Its subnets and what was handed out of them stay.',
      params: idParams,
      handler: ({ params, write, ifMatch }) => write((tx) => pools.remove(tx, params.id, ifMatch)),
    }),
    route({
      ...handsOut,
      path: '/pools/{id}/allocations',
      summary: 'Hand out addresses of a pool',
      description:
        'Each wish whole, from the first subnet that has room for it; a list of wishes is granted whole or not at all.',
      body: wishes,
      example: { count: 2, contiguous: true, hostname: 'web.example.net' },
      returns: allocatedAddresses,
      throws: [
        insufficientSpace,
        subnetErrors.addressTaken,
        addressInRange,
        addressCoolingDown,
        addressOutside,
        addressNotUsable,
        strategyUnknown,
      ],
      handler: async ({ params, body, write }) => ({
        addresses: await write((tx) => pools.allocate(tx, params.id, [body].flat())),
      }),
    }),
    route({
      ...handsOut,
      path: '/pools/{id}/subnet-allocations',
      summary: 'Hand out subnets of a pool',
      description: 'All of them from the first subnet that has room, and whose policy allows the length.',
      body: subnetWish,
      example: { prefixLength: 28, count: 2, name: 'Lab' },
      returns: allocatedSubnets,
      throws: [insufficientSpace, strategyUnknown],
      handler: async ({ params, body, write }) => ({
        subnets: await write((tx) => pools.allocateSubnets(tx, params.id, body)),
      }),
    }),
  ];
}
