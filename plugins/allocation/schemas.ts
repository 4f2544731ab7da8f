import { z } from 'zod';
import { metadataField, tagsField } from '#core';
import {
  addressAttributes,
  addressSchema,
  ipField,
  newSubnet,
  subnetSchema,
  vrfChoice,
} from '#plugins/subnets';

/** The most addresses or subnets that one request may take. */
const mostAtOnce = 1000;

/** For `refine`: two fields of which at most one may be given. */
function atMostOneOf(a: string, b: string) {
  return [
    (value: Record<string, unknown>) => value[a] === undefined || value[b] === undefined,
    { message: `Give ${a} or ${b}, not both`, path: [b] as PropertyKey[] },
  ] as const;
}

/** One wish for addresses: `count` of them by strategy, or one by name. */
export const wish = z
  .strictObject({
    count: z.int().min(1).max(mostAtOnce).optional(),
    address: ipField.optional(),
    strategy: z.enum(['first']).optional(),
    ...addressAttributes,
    expiresAt: addressAttributes.expiresAt.refine(
      (at) => !at || Date.parse(at) > Date.now(),
      'It lies in the past',
    ),
    ttl: z.int().min(1).max(3_153_600_000).optional().meta({ description: 'Seconds until it expires.' }),
  })
  .refine(...atMostOneOf('address', 'strategy'))
  .refine(...atMostOneOf('expiresAt', 'ttl'))
  .refine(({ address, count = 1 }) => address === undefined || count === 1, {
    message: 'An address by name is one address; leave out count',
    path: ['count'],
  });

export type Wish = z.output<typeof wish>;

/** One wish, or several that are granted together or not at all. */
export const wishes = z.union([
  wish,
  z
    .array(wish)
    .min(1)
    .max(mostAtOnce)
    .refine(
      (list) => list.reduce((sum, { count = 1 }) => sum + count, 0) <= mostAtOnce,
      `One request may take ${mostAtOnce} addresses at most`,
    ),
]);

export const allocatedAddresses = z.object({ addresses: z.array(addressSchema) });

export const subnetWish = z.strictObject({
  prefixLength: z
    .int()
    .min(0)
    .max(128)
    .optional()
    .meta({ description: 'Left out: the defaultChildPrefixLength of the subnet.' }),
  count: z.int().min(1).max(mostAtOnce).optional(),
  strategy: z.enum(['first', 'best-fit']).optional(),
  name: newSubnet.shape.name,
  status: newSubnet.shape.status,
  description: newSubnet.shape.description,
  tags: tagsField.optional(),
  metadata: metadataField.optional(),
});

export type SubnetWish = z.output<typeof subnetWish>;

export const allocatedSubnets = z.object({ subnets: z.array(subnetSchema) });

/** Addresses to release, by id or by name; names are looked up in one VRF (`global` unless told). */
export const releaseList = z.strictObject({
  ...vrfChoice,
  addresses: z
    .array(z.union([z.int().positive(), ipField]))
    .min(1)
    .max(mostAtOnce),
});

export type ReleaseList = z.output<typeof releaseList>;
