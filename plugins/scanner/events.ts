import { z } from 'zod';

const place = { vrfId: z.int(), address: z.string() };
const conflictFields = {
  id: z.int(),
  ...place,
  addressId: z.int().nullable(),
  kind: z.string(),
  severity: z.string(),
};

/** What this plugin announces. */
export const scannerEvents = {
  'scan.finished': z.object({
    id: z.int(),
    state: z.string(),
    seen: z.int(),
    missed: z.int(),
    unknown: z.int(),
    conflicts: z.int(),
    discovered: z.int(),
    error: z.string().nullable(),
  }),
  /** Everybody in a subnet fell silent together: the scanner cannot tell how they are. */
  'subnet.unreachable': z.object({
    scanId: z.int(),
    subnetId: z.int(),
    vrfId: z.int(),
    cidr: z.string(),
    canary: z.string().nullable(),
  }),
  'conflict.detected': z.object({
    ...conflictFields,
    recorded: z.record(z.string(), z.unknown()),
    observed: z.record(z.string(), z.unknown()),
    /** It had been resolved before. */
    again: z.boolean(),
  }),
  'conflict.resolved': z.object({ ...conflictFields, resolution: z.string() }),
  'discovery.found': z.object({ id: z.int(), ...place, subnetId: z.int() }),
};
