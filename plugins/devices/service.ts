import { listExtensions, notifiableEvents, type PluginContext, type Tx } from '#core';
import { type deviceEvents, deviceNotices } from './events.ts';
import { type Choices, type Holder, holdings, settleHoldings } from './holdings.ts';
import { interfacesInclude } from './interfaces-include.ts';
import { deviceModel, interfaceModel } from './model.ts';

type Context = Pick<
  PluginContext<unknown, unknown, typeof deviceEvents, []>,
  'db' | 'emit' | 'extend' | 'extensions'
>;
type Demand = (permission: string) => Promise<void>;
type Guard = (current: { version: number }) => void;

/** Makes what this plugin can do: the records of devices and interfaces, and deleting those that hold something. */
export function createDevicesApi(ctx: Context) {
  ctx.extend(listExtensions, { list: deviceModel.list, includes: { interfaces: interfacesInclude } });
  for (const notice of deviceNotices) ctx.extend(notifiableEvents, notice);
  const devices = deviceModel.service(ctx, {
    afterWrite: (tx, { deed, record: { id, name, siteId } }) =>
      ctx.emit(tx, `device.${deed}`, { id, name, siteId }),
  });
  const interfaces = interfaceModel.service(ctx, {
    afterWrite: (tx, { deed, record: { id, deviceId, name, mac } }) =>
      ctx.emit(tx, `interface.${deed}`, { id, deviceId, name, mac }),
  });

  async function settle(tx: Tx, holder: Holder, choices: Choices, demand: Demand): Promise<void> {
    await settleHoldings(tx, ctx.extensions(holdings), holder, choices, demand);
  }

  return {
    devices,
    interfaces,
    /** What devices and interfaces may hold; complete once every plugin is set up. */
    holdings: () => ctx.extensions(holdings),
    /** Deletes a device with its interfaces; `choices` says what becomes of what they hold, 409 where it does not. */
    async removeDevice(tx: Tx, id: number, choices: Choices, demand: Demand, guard: Guard): Promise<void> {
      guard(await devices.readIn(tx, id));
      await settle(tx, { deviceId: id }, choices, demand);
      await devices.remove(tx, id, guard);
    },
    /** The same with an interface alone. */
    async removeInterface(tx: Tx, id: number, choices: Choices, demand: Demand, guard: Guard): Promise<void> {
      guard(await interfaces.readIn(tx, id));
      await settle(tx, { interfaceId: id }, choices, demand);
      await interfaces.remove(tx, id, guard);
    },
  };
}

export type DevicesApi = ReturnType<typeof createDevicesApi>;
