import type { z } from 'zod';
import { kernelErrors, named, type Page, type PluginContext, type Tx } from '#core';
import type { AddressService } from './addresses.ts';
import { subnetErrors } from './errors.ts';
import type { subnetEvents } from './events.ts';
import { holderColumns, holderList, holderSource } from './holder-list.ts';
import type { AddressHolder, newAssignment } from './holder-schemas.ts';
import { chosenHolding } from './holders.ts';

type Guard = (current: { version: number }) => void;

/** Who holds an address: the device that the address names and, where it is a vip or anycast, further ones. */
export interface AssignmentService {
  /** The address's own holder first, then the further ones as they came; 404 where there is no such address. */
  list(addressId: number, query: Record<string, unknown>): Promise<Page<AddressHolder>>;
  /**
   * Gives an address a holder: a vip or anycast a further one, any other the one it has, in place of another where `move` says so.
   * 409 where it has one, or this one, already.
   */
  add(tx: Tx, addressId: number, body: z.output<typeof newAssignment>): Promise<AddressHolder>;
  /** Takes a further holder away; 404 where the address has no such one. */
  remove(tx: Tx, addressId: number, assignmentId: number, guard: Guard): Promise<void>;
}

const holder = named(
  'holder',
  `SELECT ${holderColumns} FROM ${holderSource} WHERE h.address_id = $1 AND h.device_id = $2`,
);
/** Of those who hold an address the device itself, or, where it is not shared, its own holder whoever that is. */
const holderInTheWay = named(
  'holder_in_the_way',
  `SELECT ${holderColumns} FROM ${holderSource}
    WHERE h.address_id = $1 AND (h.device_id = $2 OR h.id = 0 AND NOT $3) ORDER BY h.id LIMIT 1`,
);
const insert = named(
  'insert_assignment',
  'INSERT INTO address_assignment (address_id, device_id, interface_id) VALUES ($1, $2, $3)',
);

/** Makes the service of holders. */
export function createAssignmentService(
  { db, emit }: Pick<PluginContext<unknown, unknown, typeof subnetEvents, []>, 'db' | 'emit'>,
  addresses: AddressService,
): AssignmentService {
  async function announce(tx: Tx, addressId: number): Promise<void> {
    const { id, vrfId, address } = await addresses.readIn(tx, addressId);
    await emit(tx, 'address.updated', { id, vrfId, address });
  }

  return {
    async list(addressId, query) {
      await addresses.get(addressId);
      return holderList.run(db.query, query, (bindings) => `h.address_id = ${bindings.bind(addressId)}`);
    },

    async add(tx, addressId, { move = false, ...choice }) {
      const { address, status, role, ...current } = await addresses.lock(tx, addressId);
      const holding = await chosenHolding(tx.query, choice);
      const { deviceId, interfaceId } = holding ?? { deviceId: null, interfaceId: null };
      if (status === 'free') {
        throw subnetErrors.addressFree(
          `${address} is free, and so nobody's; hand it out, or register it, first.`,
        );
      }
      const isShared = role === 'vip' || role === 'anycast';
      const [inTheWay] = await tx.query<AddressHolder>(holderInTheWay, [addressId, deviceId, isShared]);
      if (inTheWay && !(move && inTheWay.own)) {
        const whose = `${inTheWay.device.name}${inTheWay.interface ? ` (${inTheWay.interface.name})` : ''}`;
        const right = inTheWay.own ? '; send "move": true to take it from there' : '';
        throw subnetErrors.addressHeld(`${address} is held by ${whose} already${right}.`, {
          members: { holder: inTheWay },
        });
      }
      if (move || !isShared) {
        await addresses.update(tx, addressId, { deviceId, interfaceId }, () => undefined);
      } else {
        await tx.query(insert, [addressId, deviceId, interfaceId]);
        await announce(tx, addressId);
      }
      const [made] = await tx.query<AddressHolder>(holder, [current.id, deviceId]);
      return made as AddressHolder;
    },

    async remove(tx, addressId, assignmentId, guard) {
      await addresses.lock(tx, addressId);
      const [found] = await tx.query<{ version: number }>(
        'SELECT version FROM address_assignment WHERE id = $1 AND address_id = $2 FOR UPDATE',
        [assignmentId, addressId],
      );
      if (!found)
        throw kernelErrors.notFound(`The address ${addressId} has no further holder ${assignmentId}.`);
      guard(found);
      await tx.query('DELETE FROM address_assignment WHERE id = $1', [assignmentId]);
      await announce(tx, addressId);
    },
  };
}
