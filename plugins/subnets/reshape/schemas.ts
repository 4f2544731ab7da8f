import { z } from 'zod';
import { commonBody, tagsField } from '#core';
import { cidrField } from '../fields.ts';
import { nameField, subnetSchema, subnetStatuses } from '../schemas.ts';

/** How many parts one split makes at most. */
export const partsAtMost = 1024;

const lengthField = z.int().min(0).max(128);

/** The body of a split: equal parts, or parts of the lengths given; the rest is what new parts are like. */
export const splitBody = z
  .strictObject({
    prefixLength: lengthField.optional(),
    prefixLengths: z.array(lengthField).min(1).max(partsAtMost).optional(),
    name: nameField.nullish(),
    status: z.enum(subnetStatuses).optional(),
    tags: tagsField.optional(),
    customFields: commonBody.customFields.meta({
      description: 'Of the parts; those that are not named are as in the subnet, and null leaves one out.',
    }),
  })
  .refine(
    ({ prefixLength, prefixLengths }) => (prefixLength === undefined) !== (prefixLengths === undefined),
    {
      message:
        'Give prefixLength for equal parts, or prefixLengths for parts of several lengths; one of the two',
    },
  );

export const mergeBody = z.strictObject({
  subnetIds: z.array(z.int().positive()).min(1).max(partsAtMost),
});

/** The body of resize and renumber. */
export const blockBody = z.strictObject({ cidr: cidrField });

const changeSchema = z
  .object({
    action: z.enum(['create', 'update', 'delete']),
    entity: z.enum(['subnet', 'address', 'range']),
    id: z.int().nullable().meta({ description: 'Null for what is new.' }),
    key: z.string().meta({ description: 'CIDR, address or range, as it is before.' }),
    fields: z.record(z.string(), z.object({ from: z.json(), to: z.json() })).optional(),
  })
  .meta({ id: 'PlannedChange' });

/** One change of a plan. */
export type Change = z.input<typeof changeSchema>;

const rehomedSchema = z.object({ from: z.string(), to: z.string(), addresses: z.int() });

/** Addresses that have another subnet from now on, though nobody writes them. */
export type Rehomed = z.input<typeof rehomedSchema>;

/** What every reshaping answers: what there is now, and all that it changed, or would. */
export const reshapedSchema = z
  .object({
    subnets: z.array(subnetSchema),
    changes: z.array(changeSchema),
    rehomed: z.array(rehomedSchema),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Reshaped' });

export type Reshaped = z.input<typeof reshapedSchema>;
