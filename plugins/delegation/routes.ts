import { idParams, kernelErrors, route } from '#core';
import { delegationErrors } from './errors.ts';
import { grantList } from './listing.ts';
import { grantSchema, newGrant } from './schemas.ts';
import type { GrantService } from './service.ts';

/** /grants: who has which role on which branch. */
export function grantRoutes(grants: GrantService) {
  const common = { tag: 'Users' } as const;
  return [
    route({
      ...common,
      method: 'get',
      path: '/grants',
      summary: 'List roles on branches',
      permission: 'grants:read',
      query: grantList.query,
      returns: grantList.page,
      handler: ({ query }) => grants.list(query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/grants',
      summary: 'Give a user a role on a branch',
      description:
        'It holds on the block and on all that lies in it, in that VRF, whatever is registered there later. What the user reads goes by the own role, as before.',
      permission: 'grants:write',
      body: newGrant,
      example: { userId: 7, role: 'engineer', vrf: 'global', cidr: '10.20.0.0/16' },
      returns: grantSchema,
      status: 201,
      throws: [delegationErrors.grantTaken],
      handler: ({ body, write }) => write((tx) => grants.give(tx, body)),
    }),
    route({
      ...common,
      method: 'get',
      path: '/grants/{id}',
      summary: 'Show a role on a branch',
      permission: 'grants:read',
      params: idParams,
      returns: grantSchema,
      handler: ({ params }) => grants.get(params.id),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/grants/{id}',
      summary: 'Take a role on a branch back',
      description: 'Requests that come up to five seconds later may still be served.',
      permission: 'grants:write',
      params: idParams,
      throws: [kernelErrors.versionMismatch],
      handler: ({ params, write, ifMatch }) => write((tx) => grants.take(tx, params.id, ifMatch)),
    }),
  ] as const;
}
