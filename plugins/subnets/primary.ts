import { z } from 'zod';
import { type Include, named } from '#core';

const primary = z.object({ id: z.int(), address: z.string().meta({ format: 'ip' }) }).nullable();

const primaries = named(
  'primary_addresses',
  `SELECT device_id AS "deviceId", id, address FROM address
    WHERE device_id = ANY ($1::bigint[]) AND role = 'primary'`,
);

/** `include=primaryAddresses` of devices: the primary address of each family, where there is one. */
export const primaryAddresses: Include = {
  schema: z.object({ ipv4: primary, ipv6: primary }),
  async load(query, devices) {
    const rows = await query<{ deviceId: number; id: number; address: string }>(primaries, [
      devices.map(({ id }) => id),
    ]);
    const byDevice = Map.groupBy(rows, ({ deviceId }) => deviceId);
    return devices.map(({ id }) => {
      const held = (byDevice.get(id as number) ?? []).map((row) => ({ id: row.id, address: row.address }));
      const isSix = ({ address }: { address: string }) => address.includes(':');
      return { ipv4: held.find((each) => !isSix(each)) ?? null, ipv6: held.find(isSix) ?? null };
    });
  },
};
