import { definePlugin } from '#core';
import { devices, type Holder, holdings } from '#plugins/devices';

const of = (holder: Holder) =>
  'deviceId' in holder
    ? (['device_id = $1', [holder.deviceId]] as const)
    : (['interface_id = $1', [holder.interfaceId]] as const);

/** A plugin whose records devices and interfaces hold: cables, which admins alone may cut. */
export const cables = definePlugin({
  name: 'cables',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Cables at interfaces.',
  requires: [devices],
  migrations: new URL('./migrations/', import.meta.url),
  permissions: { 'cables:write': { label: 'Plug and cut cables', roles: ['admin'] } },
  setup: (ctx) =>
    ctx.extend(holdings, {
      name: 'cables',
      permission: 'cables:write',
      says: { release: 'cuts them', keep: 'leaves them hanging' },
      async count(tx, holder) {
        const [where, values] = of(holder);
        const [row] = await tx.query<{ n: number }>(`SELECT count(*) AS n FROM cable WHERE ${where}`, [
          ...values,
        ]);
        return row?.n ?? 0;
      },
      async release(tx, holder) {
        const [where, values] = of(holder);
        await tx.query(`DELETE FROM cable WHERE ${where}`, [...values]);
      },
      async keep(tx, holder) {
        const [where, values] = of(holder);
        await tx.query(`UPDATE cable SET device_id = NULL, interface_id = NULL WHERE ${where}`, [...values]);
      },
    }),
});
