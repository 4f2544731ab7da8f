import { idParams, route } from '#core';
import { lockForAddresses, lockForNewAddresses } from '../bulk-locks.ts';
import { subnetErrors } from '../errors.ts';
import { addressPatch, addressSchema, newAddress } from '../schemas.ts';
import type { SubnetsApi } from '../service.ts';

/** /addresses. */
export function addressRoutes({ addresses, lists }: SubnetsApi) {
  const common = { tag: 'Addresses', dryRun: true } as const;
  return [
    route({
      method: 'get',
      path: '/addresses',
      tag: 'Addresses',
      summary: 'List addresses',
      permission: 'subnets:read',
      query: lists.addresses.query,
      returns: lists.addresses.page,
      handler: ({ query }) => addresses.list(query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/addresses',
      summary: 'Register an address',
      description: 'Its subnet is the longest that contains it. To be given a free one, use allocations.',
      permission: 'addresses:write',
      body: newAddress,
      example: { address: '10.0.0.10', hostname: 'printer-2.example.net' },
      returns: addressSchema,
      status: 201,
      bulk: { lock: lockForNewAddresses },
      throws: [subnetErrors.addressTaken, subnetErrors.addressNeedsSubnet],
      handler: ({ body, write }) => write((tx) => addresses.create(tx, body)),
    }),
    route({
      method: 'get',
      path: '/addresses/{id}',
      tag: 'Addresses',
      summary: 'Show an address',
      permission: 'subnets:read',
      params: idParams,
      query: lists.addresses.recordQuery,
      returns: lists.addresses.record,
      handler: ({ params, query }) => addresses.show(params.id, query),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/addresses/{id}',
      summary: 'Change an address',
      permission: 'addresses:write',
      params: idParams,
      body: addressPatch,
      example: { hostname: 'printer-3.example.net' },
      bulk: { lock: lockForAddresses },
      returns: addressSchema,
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => addresses.update(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/addresses/{id}',
      summary: 'Forget an address',
      description: 'Its row and history go; to keep them, release it.',
      permission: 'addresses:write',
      params: idParams,
      handler: ({ params, write, ifMatch }) => write((tx) => addresses.remove(tx, params.id, ifMatch)),
    }),
  ];
}
