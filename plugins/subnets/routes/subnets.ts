import { z } from 'zod';
import { idParams, route } from '#core';
import { lockForNewSubnets, lockForSubnets } from '../bulk-locks.ts';
import { subnetErrors } from '../errors.ts';
import { newSubnet, subnetPatch, subnetSchema } from '../schemas.ts';
import type { SubnetsApi } from '../service.ts';

const cascadeQuery = z.strictObject({
  cascade: z.enum(['rehome', 'delete']).optional().meta({
    description:
      'rehome: what it holds goes to the subnet above; delete: the whole branch goes (admins only).',
  }),
});

/** /subnets and /subnets/{id}. */
export function subnetRoutes({ subnets, addresses, lists }: SubnetsApi) {
  const common = { tag: 'Subnets', dryRun: true } as const;
  return [
    route({
      method: 'get',
      path: '/subnets',
      tag: 'Subnets',
      summary: 'List subnets',
      description: 'A page walk over `sort=-utilization` may see a subnet that moved twice, or not at all.',
      permission: 'subnets:read',
      query: lists.subnets.query,
      returns: lists.subnets.page,
      handler: ({ query }) => subnets.list(query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/subnets',
      summary: 'Create a subnet',
      description: 'Its place in the tree follows from its CIDR; what lies inside it becomes its own.',
      permission: 'subnets:write',
      body: newSubnet,
      example: { cidr: '10.0.0.0/24', name: 'Office, second floor', vrf: 'global' },
      returns: subnetSchema,
      status: 201,
      bulk: { lock: lockForNewSubnets },
      throws: [subnetErrors.subnetTaken],
      handler: ({ body, write }) => write((tx) => subnets.create(tx, body)),
    }),
    route({
      method: 'get',
      path: '/subnets/{id}',
      tag: 'Subnets',
      summary: 'Show a subnet',
      permission: 'subnets:read',
      params: idParams,
      query: lists.subnets.recordQuery,
      returns: lists.subnets.record,
      handler: ({ params, query }) => subnets.show(params.id, query),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/subnets/{id}',
      summary: 'Change a subnet',
      permission: 'subnets:write',
      params: idParams,
      body: subnetPatch,
      example: { name: 'Office, third floor' },
      bulk: { lock: lockForSubnets },
      returns: subnetSchema,
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => subnets.update(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/subnets/{id}',
      summary: 'Delete a subnet',
      description: 'Refused while it holds subnets or addresses, unless `cascade` says what becomes of them.',
      permission: 'subnets:write',
      params: idParams,
      query: cascadeQuery,
      throws: [subnetErrors.subnetNotEmpty, subnetErrors.noParent],
      handler: ({ params, query, write, ifMatch, demand }) => {
        if (query.cascade === 'delete') demand('subnets:delete-branch');
        return write((tx) => subnets.remove(tx, params.id, query.cascade ?? 'refuse', ifMatch));
      },
    }),
    route({
      method: 'get',
      path: '/subnets/{id}/addresses',
      tag: 'Subnets',
      summary: 'List the addresses whose home is this subnet',
      description: 'Addresses in a child belong to the child; `GET /addresses?within=` lists them all.',
      permission: 'subnets:read',
      params: idParams,
      query: lists.addresses.query,
      returns: lists.addresses.page,
      handler: ({ params, query }) => addresses.list(query, params.id),
    }),
  ];
}
