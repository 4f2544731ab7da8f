import { idParams, route } from '#core';
import { subnetErrors } from '../errors.ts';
import { newVrf, vrfPatch, vrfSchema } from '../schemas.ts';
import type { SubnetsApi } from '../service.ts';

/** /vrfs. */
export function vrfRoutes({ vrfs, lists }: SubnetsApi) {
  const common = { tag: 'VRFs', dryRun: true } as const;
  const { vrfTaken, vrfInUse, vrfGlobal } = subnetErrors;
  return [
    route({
      method: 'get',
      path: '/vrfs',
      tag: 'VRFs',
      summary: 'List VRFs',
      permission: 'subnets:read',
      query: lists.vrfs.query,
      returns: lists.vrfs.page,
      handler: ({ query }) => vrfs.list(query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/vrfs',
      summary: 'Create a VRF',
      permission: 'vrfs:write',
      body: newVrf,
      example: { name: 'blue', rd: '65000:1', description: 'Customer Blue' },
      returns: vrfSchema,
      status: 201,
      bulk: true,
      throws: [vrfTaken],
      handler: ({ body, write }) => write((tx) => vrfs.create(tx, body)),
    }),
    route({
      method: 'get',
      path: '/vrfs/{id}',
      tag: 'VRFs',
      summary: 'Show a VRF',
      permission: 'subnets:read',
      params: idParams,
      returns: vrfSchema,
      handler: ({ params }) => vrfs.get(params.id),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/vrfs/{id}',
      summary: 'Change a VRF',
      permission: 'vrfs:write',
      params: idParams,
      body: vrfPatch,
      example: { description: 'Customer Blue, being moved' },
      bulk: true,
      returns: vrfSchema,
      throws: [vrfTaken, vrfGlobal],
      handler: ({ params, body, write, ifMatch }) => write((tx) => vrfs.update(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/vrfs/{id}',
      summary: 'Delete an empty VRF',
      permission: 'vrfs:write',
      params: idParams,
      throws: [vrfInUse, vrfGlobal],
      handler: ({ params, write, ifMatch }) => write((tx) => vrfs.remove(tx, params.id, ifMatch)),
    }),
  ];
}
