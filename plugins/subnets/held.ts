import { named, type PluginContext, type Tx } from '#core';
import type { Holder } from '#plugins/devices';
import type { subnetEvents } from './events.ts';

/** An address that a device or an interface holds. */
export interface HeldAddress {
  id: number;
  vrfId: number;
  subnetId: number;
  address: string;
  /** Whether nobody else holds it. */
  alone: boolean;
}

/** All that one device or interface holds, at once. */
export interface HeldService {
  count(tx: Tx, holder: Holder): Promise<number>;
  /** Locks it, the subnets first; answers it by subnet. */
  lock(tx: Tx, holder: Holder): Promise<HeldAddress[]>;
  /** Takes the holder away from all of it; the addresses stay. What an interface held stays with the device. */
  leave(tx: Tx, holder: Holder): Promise<void>;
}

const count = named('count_held', 'SELECT count(*) AS n FROM held_by($1, $2)');
const lock = named(
  'lock_held',
  `SELECT a.id, a.vrf_id AS "vrfId", a.subnet_id AS "subnetId", a.address,
          NOT EXISTS (SELECT FROM address_assignment o
                       WHERE o.address_id = a.id AND (o.device_id = $1 OR o.interface_id = $2) IS NOT TRUE)
            AND (a.device_id IS NULL OR a.device_id = $1 OR a.interface_id = $2) IS TRUE AS alone
     FROM lock_held($1, $2) a`,
);
const leave = named('leave_held', 'SELECT id, vrf_id AS "vrfId", address FROM leave_held($1, $2)');

const idsOf = (holder: Holder) =>
  'deviceId' in holder ? [holder.deviceId, null] : [null, holder.interfaceId];

/** Makes it. */
export function createHeldService({
  emit,
}: Pick<PluginContext<unknown, unknown, typeof subnetEvents, []>, 'emit'>): HeldService {
  return {
    async count(tx, holder) {
      const [row] = await tx.query<{ n: number }>(count, idsOf(holder));
      return row?.n ?? 0;
    },
    lock: (tx, holder) => tx.query<HeldAddress>(lock, idsOf(holder)),
    async leave(tx, holder) {
      for (const each of await tx.query<Omit<HeldAddress, 'alone' | 'subnetId'>>(leave, idsOf(holder)))
        await emit(tx, 'address.updated', each);
    },
  };
}
