import { z } from 'zod';
import { commonBody, commonSchema } from '#core';
import { ipField } from './fields.ts';
import { countField, oneVrf, oneVrfMessage, vrfChoice } from './schemas.ts';

export const rangeChanged = z.object({ id: z.int(), vrfId: z.int(), start: z.string(), end: z.string() });
export const rangePurposes = ['dhcp', 'reserved', 'pool'] as const;
export const rangeSchema = z
  .object({
    id: z.int(),
    vrfId: z.int(),
    start: z.string().meta({ format: 'ip' }),
    end: z.string().meta({ format: 'ip' }),
    family: z.union([z.literal(4), z.literal(6)]),
    size: countField,
    purpose: z.enum(rangePurposes),
    allocatable: z.boolean(),
    countAsUsed: z.boolean(),
    ...commonSchema,
  })
  .meta({ id: 'Range' });

const rangeBody = {
  start: ipField,
  end: ipField,
  purpose: z.enum(rangePurposes),
  allocatable: z.boolean().optional().meta({
    description: 'Whether its addresses are handed out; unless told, those of a `pool` are, others are not.',
  }),
  countAsUsed: z.boolean().optional().meta({
    description: 'Whether all of it counts as used; unless told, a `dhcp` range does, others do not.',
  }),
  ...commonBody,
};
export const newRange = z.strictObject({ ...vrfChoice, ...rangeBody }).refine(oneVrf, oneVrfMessage);
export const rangePatch = z.strictObject(rangeBody).partial();
