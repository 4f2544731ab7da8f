import { z } from 'zod';
import { notifiable } from '#core';

const deviceChanged = z.object({ id: z.int(), name: z.string(), siteId: z.int().nullable() });
const interfaceChanged = z.object({
  id: z.int(),
  deviceId: z.int(),
  name: z.string(),
  mac: z.string().nullable(),
});

/** What this plugin announces. Interfaces that go with their device are not announced one by one. */
export const deviceEvents = {
  'device.created': deviceChanged,
  'device.updated': deviceChanged,
  'device.deleted': deviceChanged,
  'interface.created': interfaceChanged,
  'interface.updated': interfaceChanged,
  'interface.deleted': interfaceChanged,
};

/** What people may want to be told of. */
export const deviceNotices = [
  notifiable(deviceEvents, 'device.deleted', {
    title: 'A device was deleted',
    say: ({ name }) => `The device ${name} was deleted.`,
  }),
];
