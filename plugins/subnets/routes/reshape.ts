import { idParams, route } from '#core';
import { subnetErrors } from '../errors.ts';
import { blockBody, mergeBody, reshapedSchema, splitBody } from '../reshape/schemas.ts';
import type { SubnetsApi } from '../service.ts';

/** Subnets that take another block. */
export function reshapeRoutes({ reshape }: SubnetsApi) {
  const common = {
    method: 'post',
    tag: 'Subnets',
    permission: 'subnets:write',
    params: idParams,
    returns: reshapedSchema,
    dryRun: true,
  } as const;
  return [
    route({
      ...common,
      path: '/subnets/{id}/split',
      summary: 'Split a subnet',
      description:
        'Into equal parts (`prefixLength`), or parts of several lengths (`prefixLengths`), each the lowest block that no child covers. Addresses go along, and the parts have the VLAN of the whole; a subnet that is covered completely becomes a `container`.',
      body: splitBody,
      example: { prefixLength: 26, status: 'active' },
      throws: [subnetErrors.insufficientSpace, subnetErrors.subnetInTheWay],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => reshape.split(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      path: '/subnets/{id}/merge',
      summary: 'Merge a subnet with siblings',
      description:
        'Together they must be one block. This subnet keeps its identity and grows; the others go and give it what they hold. Where the block is their parent’s own, the parent takes over what all of them hold.',
      body: mergeBody,
      example: { subnetIds: [2, 3, 4] },
      throws: [subnetErrors.notMergeable],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => reshape.merge(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      path: '/subnets/{id}/resize',
      summary: 'Grow or shrink a subnet',
      description:
        'Growing takes over what lies in the larger block; shrinking is refused where something would fall outside.',
      body: blockBody,
      example: { cidr: '10.0.0.0/23' },
      throws: [subnetErrors.subnetTaken, subnetErrors.resizeLoses],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => reshape.resize(tx, params.id, body, ifMatch)),
    }),
    route({
      ...common,
      path: '/subnets/{id}/renumber',
      summary: 'Move a subnet with all that lies in it',
      description: 'To an empty block of the same length; everything keeps its place in it.',
      body: blockBody,
      example: { cidr: '10.8.0.0/24' },
      throws: [subnetErrors.targetNotEmpty, subnetErrors.addressIsGateway],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => reshape.renumber(tx, params.id, body, ifMatch)),
    }),
  ];
}
