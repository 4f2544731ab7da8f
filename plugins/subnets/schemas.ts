import { z } from 'zod';
import { commonBody, commonSchema, macField } from '#core';
import { oneVlan, oneVlanMessage, vlanChoice } from '#plugins/vlans';
import { cidrField, hostnameField, ipField } from './fields.ts';
import { deviceReference, holderBody, oneDevice, oneInterface } from './holder-schemas.ts';

export const subnetStatuses = ['container', 'active', 'reserved', 'deprecated'] as const;
export const addressStatuses = ['free', 'reserved', 'assigned', 'quarantined', 'deprecated'] as const;
export const addressRoles = ['primary', 'secondary', 'vip', 'anycast', 'gateway'] as const;

export const nameField = z.string().trim().min(1).max(200);

/** A count: a number, or text where it is over 2^53. */
export const countField = z.union([z.int(), z.string().regex(/^\d+$/)]);

/** How full a subnet is; `reserved` and `quarantined` are parts of `used`. */
const utilizationSchema = z
  .object({
    total: countField,
    used: countField,
    reserved: countField,
    quarantined: countField,
    free: countField,
    percent: z.number(),
  })
  .meta({ id: 'Utilization' });

/** The same of a subnet and everything below it: addresses really in use, not space that subnets cover. */
const rollupSchema = z
  .object({
    ...utilizationSchema.shape,
    asOf: z.iso.datetime().meta({ description: 'When it was added up.' }),
  })
  .meta({ id: 'Rollup' });

export const vrfSchema = z
  .object({ id: z.int(), name: z.string(), rd: z.string().nullable(), ...commonSchema })
  .meta({ id: 'Vrf' });

const vrfBody = {
  name: nameField.regex(/^(?!\d+$)/, 'A name of digits alone would be taken for an id'),
  rd: z
    .string()
    .regex(
      /^(\d{1,10}|\d{1,3}(\.\d{1,3}){3}):\d{1,10}$/,
      'A route distinguisher reads 65000:1 or 192.0.2.1:1 (RFC 4364)',
    )
    .nullish(),
  ...commonBody,
};
export const newVrf = z.strictObject(vrfBody);
export const vrfPatch = z.strictObject(vrfBody).partial();

export const subnetSchema = z
  .object({
    id: z.int(),
    vrfId: z.int(),
    cidr: z.string().meta({ format: 'cidr' }),
    family: z.union([z.literal(4), z.literal(6)]),
    prefixLength: z.int(),
    parentId: z.int().nullable(),
    name: z.string().nullable(),
    status: z.enum(subnetStatuses),
    vlanId: z.int().nullable(),
    gateway: z.string().nullable(),
    allowNetworkAndBroadcast: z.boolean(),
    strategy: z.string().nullable(),
    childStrategy: z.string().nullable(),
    minChildPrefixLength: z.int().nullable(),
    maxChildPrefixLength: z.int().nullable(),
    defaultChildPrefixLength: z.int().nullable(),
    cooldownSeconds: z.int().nullable(),
    monitored: z.boolean(),
    ...commonSchema,
    utilization: utilizationSchema,
    rollup: rollupSchema.optional().meta({ description: 'Absent in look-ups, the tree and references.' }),
    childCount: z.int(),
  })
  .meta({ id: 'Subnet' });

/** `vrfId`, or `vrf` by name; without either, the VRF `global`. */
export const vrfChoice = { vrfId: z.int().positive().optional(), vrf: z.string().min(1).max(200).optional() };
export const oneVrf = ({ vrfId, vrf }: { vrfId?: number | undefined; vrf?: string | undefined }) =>
  vrfId === undefined || vrf === undefined;
export const oneVrfMessage = { message: 'Give vrfId or vrf, not both', path: ['vrf'] };

/** The name of a strategy, which a plugin brings. */
export const strategyField = z
  .string()
  .max(50)
  .regex(/^[a-z][a-z0-9-]*$/, 'A strategy is named by lower case letters, digits and dashes');
const childLength = z.int().min(1).max(128).nullish();
const policyBody = {
  strategy: strategyField.nullish().meta({ description: 'Of addresses; null: the lowest that is free.' }),
  childStrategy: strategyField.nullish().meta({ description: 'Of subnets; null: best-fit.' }),
  minChildPrefixLength: childLength,
  maxChildPrefixLength: childLength,
  defaultChildPrefixLength: childLength,
  cooldownSeconds: z
    .int()
    .min(0)
    .max(31_536_000)
    .nullish()
    .meta({ description: 'Rest of an address released here; null: as long as everywhere.' }),
  monitored: z.boolean().optional().meta({ description: 'Whether it has a metric of its own.' }),
};

const subnetBody = {
  name: nameField.nullish(),
  status: z.enum(subnetStatuses).optional(),
  allowNetworkAndBroadcast: z.boolean().optional(),
  gateway: ipField.nullish(),
  ...vlanChoice,
  ...policyBody,
  ...commonBody,
};
export const newSubnet = z
  .strictObject({ ...vrfChoice, cidr: cidrField, ...subnetBody })
  .refine(oneVrf, oneVrfMessage)
  .refine(oneVlan, oneVlanMessage);
export const subnetPatch = z.strictObject(subnetBody).refine(oneVlan, oneVlanMessage);

/** What names a VRF where another record mentions it. */
export const vrfReference = z.object({ id: z.int(), name: z.string() }).meta({ id: 'VrfReference' });

/** What names a subnet where another record mentions it. */
export const subnetReference = z
  .object({
    id: z.int(),
    cidr: z.string().meta({ format: 'cidr' }),
    name: z.string().nullable(),
    status: z.enum(subnetStatuses),
  })
  .meta({ id: 'SubnetReference' });
export type SubnetReference = z.input<typeof subnetReference>;

/** A node of the tree: a subnet with, down to the depth asked for, its first 100 children. */
export interface SubnetNode extends z.input<typeof subnetSchema> {
  children?: SubnetNode[] | undefined;
  /** Where the children go on: `cursor` of GET /subnets/{id}/children. */
  childrenCursor?: string | null | undefined;
}
export const subnetNode: z.ZodType<SubnetNode, SubnetNode> = subnetSchema
  .extend({
    get children() {
      return z.array(subnetNode).optional();
    },
    childrenCursor: z.string().nullable().optional(),
  })
  .meta({ id: 'SubnetNode' });

export const addressSchema = z
  .object({
    id: z.int(),
    vrfId: z.int(),
    subnetId: z.int(),
    address: z.string().meta({ format: 'ip' }),
    family: z.union([z.literal(4), z.literal(6)]),
    status: z.enum(addressStatuses),
    hostname: z.string().nullable(),
    mac: z.string().nullable(),
    deviceId: z.int().nullable(),
    interfaceId: z.int().nullable(),
    role: z.enum(addressRoles).nullable(),
    expiresAt: z.iso.datetime().nullable(),
    availableAt: z.iso.datetime().nullable(),
    ...commonSchema,
  })
  .meta({ id: 'Address' });

export type AddressRecord = z.input<typeof addressSchema>;

/** What a holder may say about an address; `free` is not among the states, because releasing is an act of its own. */
export const addressAttributes = {
  status: z.enum(['reserved', 'assigned', 'quarantined', 'deprecated']).optional(),
  hostname: hostnameField.nullish(),
  mac: macField.nullish(),
  expiresAt: z.iso.datetime({ offset: true }).nullish(),
  ...holderBody,
  ...commonBody,
};
const addressBody = { ...addressAttributes, role: z.enum(addressRoles).nullish() };
export const newAddress = z
  .strictObject({ ...vrfChoice, address: ipField, ...addressBody })
  .refine(oneVrf, oneVrfMessage)
  .refine(...oneDevice)
  .refine(...oneInterface);
export const addressPatch = z
  .strictObject(addressBody)
  .refine(...oneDevice)
  .refine(...oneInterface);

/** A run of free addresses, both ends in it. */
export const freeSpan = z
  .object({ start: z.string(), end: z.string(), size: countField })
  .meta({ id: 'FreeSpan' });

/** The grid of a subnet: one entry per address, in order; what does not apply is left out. */
export const addressMapSchema = z
  .object({
    subnetId: z.int(),
    cidr: z.string().meta({ format: 'cidr' }),
    start: z.string(),
    end: z.string(),
    items: z.array(
      z.object({
        address: z.string(),
        state: z.enum([
          'network',
          'broadcast',
          'free',
          'cooling',
          'subnet',
          'reserved',
          'assigned',
          'quarantined',
          'deprecated',
        ]),
        id: z.int().optional(),
        subnetId: z.int().optional().meta({ description: 'The child that covers it.' }),
        rangeId: z.int().optional(),
        hostname: z.string().optional(),
        device: deviceReference.optional(),
        role: z.literal('gateway').optional(),
      }),
    ),
  })
  .meta({ id: 'AddressMap' });

export const subnetChanged = z.object({ id: z.int(), vrfId: z.int(), cidr: z.string() });
const holding = z.object({ deviceId: z.int().nullable(), interfaceId: z.int().nullable() });
export const addressChanged = z.object({
  id: z.int(),
  vrfId: z.int(),
  address: z.string(),
  moved: z.object({ from: holding, to: holding }).optional(),
});
