import { notifiable } from '#core';
import { rangeChanged } from './range-schemas.ts';
import { addressChanged, subnetChanged } from './schemas.ts';

/** What this plugin announces. */
export const subnetEvents = {
  'subnet.created': subnetChanged,
  'subnet.updated': subnetChanged,
  'subnet.deleted': subnetChanged,
  'range.created': rangeChanged,
  'range.updated': rangeChanged,
  'range.deleted': rangeChanged,
  'address.created': addressChanged,
  'address.updated': addressChanged,
  'address.deleted': addressChanged,
};

/** What people may want to be told of. */
export const subnetNotices = [
  notifiable(subnetEvents, 'subnet.deleted', {
    title: 'A subnet was deleted',
    say: ({ cidr }) => `The subnet ${cidr} was deleted.`,
  }),
];
