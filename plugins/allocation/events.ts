import { z } from 'zod';

const addressHanded = z.object({ id: z.int(), vrfId: z.int(), subnetId: z.int(), address: z.string() });

/** What this plugin announces. */
export const allocationEvents = {
  'address.allocated': addressHanded,
  'address.released': addressHanded,
  'address.expiring': addressHanded.extend({ expiresAt: z.iso.datetime() }),
};
