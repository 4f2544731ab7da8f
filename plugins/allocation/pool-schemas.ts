import { z } from 'zod';
import { commonBody, commonSchema } from '#core';
import type { Strategies } from './strategies.ts';

/** The most subnets that one pool may have: all of them are locked at once when it hands out. */
const mostMembers = 100;

export const poolSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    members: z.array(z.int()).meta({ description: 'Ids of subnets, in the order in which they are asked.' }),
    strategy: z.string().nullable(),
    defaultPrefixLength: z.int().nullable(),
    ...commonSchema,
  })
  .meta({ id: 'Pool' });

export type PoolRecord = z.input<typeof poolSchema>;

/** The bodies of the routes that write pools. */
export function createPoolSchemas({ addresses, subnets }: Strategies) {
  const names = () => [...new Set([...addresses.names(), ...subnets.names()])];
  const body = {
    name: z.string().trim().min(1).max(200),
    members: z
      .array(z.int().positive())
      .min(1)
      .max(mostMembers)
      .refine((ids) => new Set(ids).size === ids.length, 'A subnet is named twice'),
    strategy: z
      .string()
      .refine((name) => addresses.has(name) || subnets.has(name), {
        error: ({ input }) =>
          `"${String(input).slice(0, 50)}" is no strategy; known are ${names().join(', ')}.`,
        params: { code: 'unknown-strategy' },
      })
      .nullish()
      .meta({ description: 'For whichever kind of allocation knows it; null: as each subnet says.' }),
    defaultPrefixLength: z
      .int()
      .min(1)
      .max(128)
      .nullish()
      .meta({ description: 'Of subnets, where a request names none.' }),
    ...commonBody,
  };
  return { newPool: z.strictObject(body), poolPatch: z.strictObject(body).partial() };
}

type PoolSchemas = ReturnType<typeof createPoolSchemas>;
export type NewPool = z.output<PoolSchemas['newPool']>;
export type PoolPatch = z.output<PoolSchemas['poolPatch']>;
