import { idParams, route } from '#core';
import { subnetErrors } from '../errors.ts';
import { newRange, rangePatch, rangeSchema } from '../range-schemas.ts';
import type { SubnetsApi } from '../service.ts';

/** /ranges. */
export function rangeRoutes({ ranges, lists }: SubnetsApi) {
  const common = { tag: 'Ranges', permission: 'ranges:write', dryRun: true } as const;
  const throws = [subnetErrors.rangeOverlaps, subnetErrors.rangeNeedsSubnet];
  return [
    route({
      method: 'get',
      path: '/ranges',
      tag: 'Ranges',
      summary: 'List ranges of addresses',
      permission: 'subnets:read',
      query: lists.ranges.query,
      returns: lists.ranges.page,
      handler: ({ query }) => ranges.list(query),
    }),
    route({
      ...common,
      method: 'post',
      path: '/ranges',
      summary: 'Set a range of addresses apart',
      description:
        'It lies within one subnet of its VRF, and ranges do not overlap. Addresses of one that is not allocatable are never handed out.',
      body: newRange,
      example: { start: '10.0.0.100', end: '10.0.0.199', purpose: 'dhcp', description: 'Office DHCP' },
      returns: rangeSchema,
      status: 201,
      throws,
      handler: ({ body, write }) => write((tx) => ranges.create(tx, body)),
    }),
    route({
      method: 'get',
      path: '/ranges/{id}',
      tag: 'Ranges',
      summary: 'Show a range',
      permission: 'subnets:read',
      params: idParams,
      returns: rangeSchema,
      handler: ({ params }) => ranges.get(params.id),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/ranges/{id}',
      summary: 'Change a range',
      params: idParams,
      body: rangePatch,
      example: { end: '10.0.0.149' },
      returns: rangeSchema,
      throws,
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => ranges.update(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/ranges/{id}',
      summary: 'Delete a range',
      description: 'Its addresses are like others from then on; rows in it stay.',
      params: idParams,
      handler: ({ params, write, ifMatch }) => write((tx) => ranges.remove(tx, params.id, ifMatch)),
    }),
  ];
}
