import { z } from 'zod';
import { notifiable } from '#core';

const addressHanded = z.object({ id: z.int(), vrfId: z.int(), subnetId: z.int(), address: z.string() });

/** What this plugin announces. */
export const allocationEvents = {
  'address.allocated': addressHanded,
  'address.released': addressHanded,
  'address.expiring': addressHanded.extend({ expiresAt: z.iso.datetime() }),
};

/** What people may want to be told of. */
export const allocationNotices = [
  notifiable(allocationEvents, 'address.expiring', {
    title: 'An address is about to expire',
    say: ({ address, expiresAt }) => `${address} is released at ${expiresAt}, unless that is put off.`,
  }),
];
