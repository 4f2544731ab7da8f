import { z } from 'zod';
import { commonBody } from '#core';
import {
  addressAttributes,
  addressSchema,
  atMostOneOf,
  cidrField,
  ipField,
  newSubnet,
  subnetSchema,
  vrfChoice,
} from '#plugins/subnets';
import { oneVlan, oneVlanMessage, vlanChoice } from '#plugins/vlans';
import type { AddressStrategy, Catalogue, Strategies, SubnetStrategy } from './strategies.ts';

/** The most addresses or subnets that one request may take. */
const mostAtOnce = 1000;

/** The name of a strategy that some plugin has brought; who names another is told which there are. */
function strategyOf(strategies: Catalogue<AddressStrategy> | Catalogue<SubnetStrategy>) {
  return z.string().refine((name) => strategies.has(name), {
    error: ({ input }) => strategies.unknown(String(input).slice(0, 50)),
    params: { code: 'unknown-strategy' },
  });
}

/** The bodies of the routes that hand out; strategies are known by the time that a request comes. */
export function createWishSchemas({ addresses, subnets }: Strategies) {
  /** One wish for addresses: `count` of them by strategy, or one by name. */
  const wish = z
    .strictObject({
      count: z.int().min(1).max(mostAtOnce).optional(),
      address: ipField.optional(),
      strategy: strategyOf(addresses)
        .optional()
        .meta({ description: `Left out: that of the subnet. There are ${addresses.names().join(', ')}.` }),
      contiguous: z.boolean().optional().meta({ description: 'Adjacent addresses, or none.' }),
      exclude: z
        .array(cidrField)
        .max(100)
        .optional()
        .meta({ description: 'Blocks of which nothing is to be taken.' }),
      ...addressAttributes,
      expiresAt: addressAttributes.expiresAt.refine(
        // What is no time is told as such, and not as past.
        (at) => !at || !(Date.parse(at) <= Date.now()),
        'It lies in the past',
      ),
      ttl: z.int().min(1).max(3_153_600_000).optional().meta({ description: 'Seconds until it expires.' }),
    })
    .refine(...atMostOneOf('address', 'strategy'))
    .refine(...atMostOneOf('address', 'exclude'))
    .refine(...atMostOneOf('expiresAt', 'ttl'))
    .refine(...atMostOneOf('deviceId', 'device'))
    .refine(...atMostOneOf('interfaceId', 'interface'))
    .refine(({ address, count = 1 }) => address === undefined || count === 1, {
      message: 'An address by name is one address; leave out count',
      path: ['count'],
    });

  /** One wish, or several that are granted together or not at all. */
  const wishes = z.union([
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

  const subnetWish = z
    .strictObject({
      prefixLength: z
        .int()
        .min(0)
        .max(128)
        .optional()
        .meta({ description: 'Left out: the defaultChildPrefixLength of the subnet.' }),
      count: z.int().min(1).max(mostAtOnce).optional(),
      strategy: strategyOf(subnets)
        .optional()
        .meta({ description: `Left out: that of the subnet. There are ${subnets.names().join(', ')}.` }),
      name: newSubnet.shape.name,
      status: newSubnet.shape.status,
      ...vlanChoice,
      ...commonBody,
    })
    .refine(oneVlan, oneVlanMessage);

  return { wish, wishes, subnetWish };
}

type WishSchemas = ReturnType<typeof createWishSchemas>;
export type Wish = z.output<WishSchemas['wish']>;
export type SubnetWish = z.output<WishSchemas['subnetWish']>;

export const allocatedAddresses = z.object({ addresses: z.array(addressSchema) });

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
