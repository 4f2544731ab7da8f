import { z } from 'zod';
import { commonBody } from '#core';
import { vlanModel } from './models.ts';

/** The most VLANs that one request may take. */
const mostAtOnce = 1000;

const { vid, name, status, role } = vlanModel.newBody.shape;

/** A wish for VLANs of a group: `count` of the lowest free VIDs, or one by its VID. */
export const vlanWish = z
  .strictObject({
    count: z.int().min(1).max(mostAtOnce).optional(),
    vid: vid.optional().meta({ description: 'That very one, instead of the lowest that is free.' }),
    name,
    status,
    role,
    ...commonBody,
  })
  .refine(({ vid, count = 1 }) => vid === undefined || count === 1, {
    message: 'A VLAN by its VID is one VLAN; leave out count',
    path: ['count'],
  });

export const allocatedVlans = z.object({ vlans: z.array(vlanModel.schema) });
