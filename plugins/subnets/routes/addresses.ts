import { idParams, route } from '#core';
import { lockForAddresses, lockForNewAddresses } from '../bulk-locks.ts';
import { subnetErrors } from '../errors.ts';
import { holderList } from '../holder-list.ts';
import { addressHolder, newAssignment } from '../holder-schemas.ts';
import { addressPatch, addressSchema, newAddress } from '../schemas.ts';
import type { SubnetsApi } from '../service.ts';

/** /addresses, and who holds them. */
export function addressRoutes({ addresses, assignments, lists }: SubnetsApi) {
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
      description:
        'Its subnet is the longest that contains it. To be given a free one, use allocations. Who holds it is a device (`deviceId` or `device`) and perhaps one of its interfaces.',
      permission: 'addresses:write',
      body: newAddress,
      example: {
        address: '10.0.0.10',
        hostname: 'printer-2.example.net',
        device: 'printer-2',
        interface: 'eth0',
      },
      returns: addressSchema,
      status: 201,
      bulk: { lock: lockForNewAddresses },
      throws: [subnetErrors.addressTaken, subnetErrors.addressNeedsSubnet, subnetErrors.primaryTaken],
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
      description:
        'Another `deviceId` or `device` moves it there, and has it leave the interface that it was on, unless one is named; null takes it away.',
      permission: 'addresses:write',
      params: idParams,
      body: addressPatch,
      example: { hostname: 'printer-3.example.net' },
      bulk: { lock: lockForAddresses },
      returns: addressSchema,
      throws: [subnetErrors.primaryTaken, subnetErrors.addressFree, subnetErrors.addressShared],
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
    route({
      method: 'get',
      path: '/addresses/{id}/assignments',
      tag: 'Addresses',
      summary: 'List who holds an address',
      description: 'The device that the address itself names first, then further ones of a vip or anycast.',
      permission: 'subnets:read',
      params: idParams,
      query: holderList.query,
      returns: holderList.page,
      handler: ({ params, query }) => assignments.list(params.id, query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/addresses/{id}/assignments',
      summary: 'Give an address a holder',
      description:
        'A vip or anycast gets a further one. Any other address has one: `move` takes it from the device that has it.',
      permission: 'addresses:write',
      params: idParams,
      body: newAssignment,
      example: { device: 'lb-2', interface: 'eth0' },
      returns: addressHolder,
      status: 201,
      throws: [subnetErrors.addressHeld, subnetErrors.addressFree, subnetErrors.primaryTaken],
      handler: ({ params, body, write }) => write((tx) => assignments.add(tx, params.id, body)),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/addresses/{id}/assignments/{assignmentId}',
      summary: 'Take a further holder of an address away',
      description: "The address's own holder is taken away by `PATCH /addresses/{id}` with `deviceId: null`.",
      permission: 'addresses:write',
      params: idParams.extend({ assignmentId: idParams.shape.id }),
      handler: ({ params, write, ifMatch }) =>
        write((tx) => assignments.remove(tx, params.id, params.assignmentId, ifMatch)),
    }),
    route({
      method: 'get',
      path: '/devices/{id}/addresses',
      tag: 'Devices',
      summary: 'List the addresses of a device',
      description: 'Those that it shares with others, too.',
      permission: 'subnets:read',
      params: idParams,
      query: lists.addresses.query,
      returns: lists.addresses.page,
      handler: ({ params, query }) => addresses.ofDevice(params.id, query),
    }),
  ];
}
