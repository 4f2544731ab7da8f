import { z } from 'zod';

const vlanChanged = z.object({ id: z.int(), groupId: z.int(), vid: z.int() });
const vlanGroupChanged = z.object({ id: z.int(), name: z.string() });

/** What this plugin announces. */
export const vlanEvents = {
  'vlan-group.created': vlanGroupChanged,
  'vlan-group.updated': vlanGroupChanged,
  'vlan-group.deleted': vlanGroupChanged,
  'vlan.created': vlanChanged,
  'vlan.updated': vlanChanged,
  'vlan.deleted': vlanChanged,
};
