import { addressChanged, subnetChanged } from './schemas.ts';

/** What this plugin announces. */
export const subnetEvents = {
  'subnet.created': subnetChanged,
  'subnet.updated': subnetChanged,
  'subnet.deleted': subnetChanged,
  'address.created': addressChanged,
  'address.updated': addressChanged,
  'address.deleted': addressChanged,
};
