import type { z } from 'zod';
import {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  type PluginContext,
  type Tx,
} from '#core';
import { subnetErrors } from './errors.ts';
import type { subnetEvents } from './events.ts';
import { chosenVrf, readAddress } from './records.ts';
import type { AddressRecord, addressPatch, newAddress } from './schemas.ts';

type Guard = (current: { version: number }) => void;
type Context = Pick<PluginContext<unknown, unknown, typeof subnetEvents, []>, 'db' | 'emit'>;

/** What can be done with single addresses; handing them out is the plugin `allocation`'s. */
export interface AddressService {
  get(id: number): Promise<AddressRecord>;
  /** The same as the transaction sees it. */
  readIn(tx: Tx, id: number): Promise<AddressRecord>;
  create(tx: Tx, input: z.output<typeof newAddress>): Promise<AddressRecord>;
  update(tx: Tx, id: number, patch: z.output<typeof addressPatch>, guard: Guard): Promise<AddressRecord>;
  remove(tx: Tx, id: number, guard: Guard): Promise<void>;
  /** Locks the usage row of an address's subnet, then its row (that order, as the allocator does), and reads it. */
  lock(tx: Tx, id: number, guard?: Guard): Promise<AddressRecord>;
}

const columns = {
  status: 'status',
  hostname: 'hostname',
  mac: 'mac',
  role: 'role',
  expiresAt: 'expires_at',
  ...commonAssigned,
};
// A released address keeps its row; registering it again takes the row over.
const insert = {
  name: 'insert_address',
  text: `INSERT INTO address AS a (vrf_id, address, status, hostname, mac, role, expires_at, ${commonInserted})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT ON CONSTRAINT address_key DO UPDATE SET
      status = EXCLUDED.status, hostname = EXCLUDED.hostname, mac = EXCLUDED.mac, role = EXCLUDED.role,
      expires_at = EXCLUDED.expires_at, description = EXCLUDED.description, tags = EXCLUDED.tags,
      metadata = EXCLUDED.metadata, custom_fields = EXCLUDED.custom_fields, device_id = NULL, interface_id = NULL
      WHERE a.status = 'free'
    RETURNING id`,
};

/** Makes the service of addresses. */
export function createAddressService({ db, emit }: Context): AddressService {
  async function lock(tx: Tx, id: number, guard?: Guard): Promise<AddressRecord> {
    await tx.query('SELECT lock_home(vrf_id, address) FROM address WHERE id = $1', [id]);
    await tx.query('SELECT FROM address WHERE id = $1 FOR UPDATE', [id]);
    const current = await readAddress(tx.query, id);
    guard?.(current);
    return current;
  }

  const announced = ({ id, vrfId, address }: AddressRecord) => ({ id, vrfId, address });

  return {
    lock,
    get: (id) => readAddress(db.query, id),
    readIn: (tx, id) => readAddress(tx.query, id),

    async create(tx, input) {
      const vrfId = await chosenVrf(tx.query, input);
      await tx.query('SELECT lock_home($1, $2)', [vrfId, input.address]);
      const [row] = await tx.query<{ id: number }>(insert, [
        vrfId,
        input.address,
        input.status ?? 'assigned',
        input.hostname,
        input.mac,
        input.role,
        input.expiresAt,
        ...commonValues(input),
      ]);
      if (!row) throw await takenBy(tx, vrfId, input.address);
      const address = await readAddress(tx.query, row.id);
      await emit(tx, 'address.created', announced(address));
      return address;
    },

    async update(tx, id, patch, guard) {
      const current = await lock(tx, id, guard);
      const { sql, values } = assignmentOf(patch, columns, 2);
      if (sql === '') return current;
      await tx.query(`UPDATE address SET ${sql} WHERE id = $1`, [id, ...values]);
      const address = await readAddress(tx.query, id);
      await emit(tx, 'address.updated', announced(address));
      return address;
    },

    async remove(tx, id, guard) {
      const address = await lock(tx, id, guard);
      await tx.query('DELETE FROM address WHERE id = $1', [id]);
      await emit(tx, 'address.deleted', announced(address));
    },
  };
}

async function takenBy(tx: Tx, vrfId: number, address: string) {
  const [holder] = await tx.query<{ id: number; status: string; hostname: string | null }>(
    'SELECT id, status, hostname FROM address WHERE vrf_id = $1 AND address = $2',
    [vrfId, address],
  );
  return subnetErrors.addressTaken(
    `${address} is ${holder?.status} already${holder?.hostname ? ` by ${holder.hostname}` : ''} (address ${holder?.id}).`,
    { members: { holder } },
  );
}
