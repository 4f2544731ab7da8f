import { z } from 'zod';
import { type Include, named } from '#core';
import { interfaceModel } from './model.ts';

const atOnce = 100;

const { schema, list, columns } = interfaceModel;
const shown = z.object({ items: z.array(schema), nextCursor: z.string().nullable() });

/** The first interfaces of each device of `$1`, and one more that tells whether there are others. */
const firstInterfaces = named(
  'first_interfaces',
  `SELECT ${columns}
     FROM unnest($1::bigint[]) WITH ORDINALITY d (id, nth),
          LATERAL (SELECT * FROM interface i WHERE i.device_id = d.id ORDER BY i.name COLLATE natural_order, i.id LIMIT ${atOnce + 1}) r
    ORDER BY d.nth, r.name COLLATE natural_order, r.id`,
);

/** `include=interfaces` of devices: the first hundred of each, and the cursor of `GET /devices/{id}/interfaces` for the rest. */
export const interfacesInclude: Include = {
  schema: shown.meta({
    description: `The first ${atOnce}, by name; nextCursor is for GET /devices/{id}/interfaces.`,
  }),
  async load(query, devices) {
    const rows = await query<z.input<typeof schema>>(firstInterfaces, [devices.map(({ id }) => id)]);
    const byDevice = Map.groupBy(rows, ({ deviceId }) => deviceId);
    return devices.map(({ id }) => {
      const found = byDevice.get(id as number) ?? [];
      const items = found.slice(0, atOnce);
      const last = items.at(-1);
      const nextCursor = found.length > atOnce && last ? list.cursorAfter(last.name, last.id) : null;
      return { items, nextCursor };
    });
  },
};
