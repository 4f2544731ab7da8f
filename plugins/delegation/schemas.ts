import { z } from 'zod';
import { timestamps } from '#core';
import { cidrField, vrfChoice } from '#plugins/subnets';

/** The roles that say something on a branch: reading is not confined, so those that only read would give nothing. */
export const grantedRoles = ['engineer', 'admin'] as const;

const role = z
  .enum(grantedRoles, {
    error: 'On a branch, a user may be engineer or admin; what one reads goes by one’s own role, everywhere.',
  })
  .meta({ description: 'An admin of a branch may also delete subnets with everything in them.' });

/** A role on a branch, on the wire. */
export const grantSchema = z
  .object({
    id: z.int(),
    userId: z.int(),
    role,
    vrfId: z.int(),
    cidr: z.string().meta({ format: 'cidr' }),
    ...timestamps,
  })
  .meta({ id: 'Grant' });
export type GrantRecord = z.input<typeof grantSchema>;

/** What gives a role on a branch; without a VRF, it is `global`. */
export const newGrant = z
  .strictObject({ userId: z.int().positive(), role, ...vrfChoice, cidr: cidrField })
  .refine(({ vrfId, vrf }) => vrfId === undefined || vrf === undefined, {
    message: 'Give vrfId or vrf, not both',
    path: ['vrf'],
  });
export type NewGrant = z.output<typeof newGrant>;

/** What names a user where a grant mentions one. */
export const userReference = z
  .object({ id: z.int(), email: z.string(), name: z.string() })
  .meta({ id: 'UserReference' });
