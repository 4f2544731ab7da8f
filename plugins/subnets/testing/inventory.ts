import type { RunQuery } from '#core';

/** The ids of devices by their names, and of interfaces by both: `core-1 eth0`. */
export type Inventory = Readonly<Record<string, number>>;

/** Puts devices with their interfaces into a register. */
export async function inventory(
  query: RunQuery,
  devices: Readonly<Record<string, readonly string[]>>,
): Promise<Inventory> {
  const ids: Record<string, number> = {};
  for (const [device, interfaces] of Object.entries(devices)) {
    const [row] = await query<{ id: number }>('INSERT INTO device (name) VALUES ($1) RETURNING id', [device]);
    ids[device] = row?.id ?? 0;
    for (const name of interfaces) {
      const [made] = await query<{ id: number }>(
        'INSERT INTO interface (device_id, name) VALUES ($1, $2) RETURNING id',
        [row?.id, name],
      );
      ids[`${device} ${name}`] = made?.id ?? 0;
    }
  }
  return ids;
}
