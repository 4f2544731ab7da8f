import { z } from 'zod';
import { idParams, invalidRequest, kernelErrors, route } from '#core';
import { vlanReference } from '#plugins/vlans';
import { ipField, ipOrCidrField } from '../fields.ts';
import { deviceReference } from '../holder-schemas.ts';
import {
  addressMapSchema,
  addressSchema,
  freeSpan,
  subnetNode,
  subnetReference,
  subnetSchema,
  vrfReference,
} from '../schemas.ts';
import type { SubnetsApi } from '../service.ts';

/** Digits and nothing else, for a number in a query: '' is no 0, and '0x10' no 16. */
const integerText = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, 'It must be an integer')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .meta({ override: { type: 'integer', minimum, maximum } });
const paging = {
  limit: integerText(1, 1000).optional().meta({ description: 'Items per page; 50 unless told.' }),
  cursor: z.string().max(2000).optional().meta({ description: '`nextCursor` of the page before.' }),
};
const idText = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'An id is a positive integer')
  .transform(Number)
  .meta({ override: { type: 'integer', minimum: 1 } });
const vrfText = z.string().min(1).max(200).meta({ description: 'Id or name.' });

const match = z
  .object({
    vrf: vrfReference,
    address: addressSchema.nullable(),
    subnet: subnetSchema,
    ancestors: z.array(subnetReference),
    vlan: vlanReference.nullable(),
    device: deviceReference.nullable(),
  })
  .meta({ id: 'Match' });

const lookupSummary = {
  tag: 'Lookup',
  permission: 'subnets:read',
  query: z.strictObject({ vrf: vrfText.optional() }),
  returns: z.object({ items: z.array(match) }),
} as const;

/** The tree, what is free, and look-ups. */
export function treeRoutes({ tree, space, lists }: SubnetsApi) {
  const common = { method: 'get', tag: 'Subnets', permission: 'subnets:read' } as const;
  return [
    route({
      ...common,
      path: '/subnets/tree',
      summary: 'Walk the tree of subnets',
      description:
        'The top, or the children of `root`; each node carries its first 100 children down to `depth` levels in all.',
      query: z.strictObject({
        vrf: vrfText.optional(),
        root: idText.optional(),
        depth: integerText(1, 3).optional(),
        ...paging,
      }),
      returns: z.object({ items: z.array(subnetNode), nextCursor: z.string().nullable() }),
      throws: [kernelErrors.notFound],
      handler: ({ query }) => tree.tree(query),
    }),
    route({
      ...common,
      path: '/subnets/{id}/children',
      summary: 'List the subnets directly below',
      params: idParams,
      query: lists.subnets.query,
      returns: lists.subnets.page,
      handler: ({ params, query }) => tree.children(params.id, query),
    }),
    route({
      ...common,
      path: '/subnets/{id}/ancestors',
      summary: 'List the subnets above, the top first',
      params: idParams,
      returns: z.object({ items: z.array(subnetSchema), nextCursor: z.null(), total: z.int() }),
      handler: async ({ params }) => {
        const items = await tree.ancestors(params.id);
        return { items, nextCursor: null, total: items.length };
      },
    }),
    route({
      ...common,
      path: '/subnets/{id}/free',
      summary: 'List the free runs of addresses, lowest first',
      description: 'Network and broadcast address are among them, since a child may need them.',
      params: idParams,
      query: z.strictObject(paging),
      returns: z.object({ items: z.array(freeSpan), nextCursor: z.string().nullable(), total: z.null() }),
      handler: async ({ params, query, caller }) => ({
        ...(await space.freeSpans(caller, params.id, query)),
        total: null,
      }),
    }),
    route({
      ...common,
      path: '/subnets/{id}/free-subnets',
      summary: 'List the free aligned blocks, lowest first',
      description: 'The largest possible ones, or all those of `prefixLength`.',
      params: idParams,
      query: z.strictObject({ prefixLength: integerText(0, 128).optional(), ...paging }),
      returns: z.object({
        items: z.array(z.string().meta({ format: 'cidr' })),
        nextCursor: z.string().nullable(),
        total: z.null(),
      }),
      handler: async ({ params, query, caller }) => ({
        ...(await space.freeBlocks(caller, params.id, query)),
        total: null,
      }),
    }),
    route({
      ...common,
      path: '/subnets/{id}/map',
      summary: 'Draw a subnet address by address',
      description:
        'One entry per address, in order, for the grid: all of a subnet of at most 4096 addresses (an IPv4 /20), or the part from `start` to `end`.',
      params: idParams,
      query: z.strictObject({ start: ipField.optional(), end: ipField.optional() }),
      returns: addressMapSchema,
      handler: ({ params, query }) => space.map(params.id, query),
    }),
    route({
      ...lookupSummary,
      method: 'get',
      path: '/lookup/{ip}',
      summary: 'Find where an address or block belongs',
      description:
        'The longest match in each VRF, with the address record where there is one and the subnets above.',
      params: z.strictObject({ ip: ipOrCidrField }),
      handler: async ({ params, query }) => ({ items: await tree.lookup(params.ip, query.vrf) }),
    }),
    route({
      ...lookupSummary,
      method: 'get',
      path: '/lookup/{ip}/{length}',
      summary: 'Find where a block belongs, its slash unescaped',
      params: z.strictObject({ ip: z.string().max(60), length: z.string().max(3) }),
      handler: async ({ params: { ip, length }, query }) => {
        const block = ipOrCidrField.safeParse(`${ip}/${length}`);
        if (block.success) return { items: await tree.lookup(block.data, query.vrf) };
        throw invalidRequest([
          { path: 'path.ip', code: 'not-a-cidr', message: block.error.issues[0]?.message ?? '' },
        ]);
      },
    }),
  ];
}
