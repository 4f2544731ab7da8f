import type { z } from 'zod';
import {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  named,
  type PluginContext,
  type Tx,
} from '#core';
import { subnetErrors } from './errors.ts';
import type { subnetEvents } from './events.ts';
import { chosenHolding, type HeldBy } from './holders.ts';
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
  /** Takes it from whoever has it, whatever its status, and at once: its row stays, free. 409 where it is a subnet's gateway. */
  free(tx: Tx, id: number): Promise<AddressRecord>;
  /** Locks the usage row of an address's subnet, then its row (that order, as the allocator does), and reads it. */
  lock(tx: Tx, id: number, guard?: Guard): Promise<AddressRecord>;
}

const columns = {
  status: 'status',
  hostname: 'hostname',
  mac: 'mac',
  role: 'role',
  expiresAt: 'expires_at',
  deviceId: 'device_id',
  interfaceId: 'interface_id',
  ...commonAssigned,
};
// A released address keeps its row; registering it again takes the row over.
const insert = {
  name: 'insert_address',
  text: `INSERT INTO address AS a (vrf_id, address, status, hostname, mac, role, expires_at, device_id, interface_id,
                              ${commonInserted})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT ON CONSTRAINT address_key DO UPDATE SET
      status = EXCLUDED.status, hostname = EXCLUDED.hostname, mac = EXCLUDED.mac, role = EXCLUDED.role,
      expires_at = EXCLUDED.expires_at, device_id = EXCLUDED.device_id, interface_id = EXCLUDED.interface_id,
      description = EXCLUDED.description, tags = EXCLUDED.tags, metadata = EXCLUDED.metadata,
      custom_fields = EXCLUDED.custom_fields
      WHERE a.status = 'free'
    RETURNING id`,
};

const freeIt = named(
  'free_address',
  `UPDATE address SET status = 'free', hostname = NULL, mac = NULL, device_id = NULL, interface_id = NULL, role = NULL,
          expires_at = NULL WHERE id = $1`,
);

const otherPrimary = named(
  'other_primary',
  `SELECT a.id, a.address, d.name AS device FROM address a JOIN device d ON d.id = a.device_id
    WHERE a.device_id = $1 AND a.role = 'primary' AND family(a.address) = $2 AND a.id <> $3`,
);

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
      const holding = (await chosenHolding(tx.query, input)) ?? { deviceId: null, interfaceId: null };
      await tx.query('SELECT lock_home($1, $2)', [vrfId, input.address]);
      if (input.role === 'primary')
        await demandOnlyPrimary(tx, { id: 0, address: input.address, ...holding });
      const [row] = await tx.query<{ id: number }>(insert, [
        vrfId,
        input.address,
        input.status ?? 'assigned',
        input.hostname,
        input.mac,
        input.role,
        input.expiresAt,
        holding.deviceId,
        holding.interfaceId,
        ...commonValues(input),
      ]);
      if (!row) throw await takenBy(tx, vrfId, input.address);
      const address = await readAddress(tx.query, row.id);
      await emit(tx, 'address.created', announced(address));
      return address;
    },

    async update(tx, id, patch, guard) {
      const current = await lock(tx, id, guard);
      const holding = await chosenHolding(tx.query, patch, current);
      const change = { ...patch, role: roleAfter(current, patch, holding), ...unchosen, ...holding };
      const { sql, values } = assignmentOf(change, columns, 2);
      if (sql === '') return current;
      await demandPossible(tx, current, change);
      await tx.query(`UPDATE address SET ${sql} WHERE id = $1`, [id, ...values]);
      const address = await readAddress(tx.query, id);
      const moved = isMoved(current, address) && {
        moved: { from: heldBy(current), to: heldBy(address) },
      };
      await emit(tx, 'address.updated', { ...announced(address), ...moved });
      return address;
    },

    async free(tx, id) {
      const current = await lock(tx, id);
      await tx.query(freeIt, [id]);
      const address = await readAddress(tx.query, id);
      const moved = isMoved(current, address) && {
        moved: { from: heldBy(current), to: heldBy(address) },
      };
      await emit(tx, 'address.updated', { ...announced(address), ...moved });
      return address;
    },

    async remove(tx, id, guard) {
      const address = await lock(tx, id, guard);
      await tx.query('DELETE FROM address WHERE id = $1', [id]);
      await emit(tx, 'address.deleted', announced(address));
    },
  };
}

/** What a body says of a holder by names is known as ids by then. */
const unchosen = { deviceId: undefined, interfaceId: undefined };

const heldBy = ({ deviceId, interfaceId }: HeldBy): HeldBy => ({ deviceId, interfaceId });

function isMoved(was: HeldBy, is: HeldBy): boolean {
  return was.deviceId !== is.deviceId || was.interfaceId !== is.interfaceId;
}

/** An address is the primary one of its device: one that loses it is that no more. */
function roleAfter(
  { role, deviceId }: AddressRecord,
  patch: z.output<typeof addressPatch>,
  holding: HeldBy | undefined,
): z.output<typeof addressPatch>['role'] {
  const isLost = deviceId !== null && holding?.deviceId === null;
  return patch.role === undefined && role === 'primary' && isLost ? null : patch.role;
}

/** 409 where an address that is free would have a holder, or a device two primary addresses of one family. */
async function demandPossible(
  tx: Tx,
  current: AddressRecord,
  change: {
    deviceId?: number | null | undefined;
    status?: string | undefined;
    role?: string | null | undefined;
  },
): Promise<void> {
  const { id, address } = current;
  const { deviceId = current.deviceId, role = current.role, status = current.status } = change;
  if (status === 'free' && deviceId !== null) {
    throw subnetErrors.addressFree(
      `${address} is free, and so nobody's; hand it out, or set its status in the same request.`,
    );
  }
  const isNews = role !== current.role || deviceId !== current.deviceId;
  if (role === 'primary' && isNews) await demandOnlyPrimary(tx, { id, address, deviceId });
}

async function demandOnlyPrimary(
  tx: Tx,
  { id, address, deviceId }: { id: number; address: string; deviceId: number | null },
): Promise<void> {
  if (deviceId === null) return;
  const family = address.includes(':') ? 6 : 4;
  const [other] = await tx.query<{ id: number; address: string; device: string }>(otherPrimary, [
    deviceId,
    family,
    id,
  ]);
  if (!other) return;
  throw subnetErrors.primaryTaken(
    `${other.address} is the primary IPv${family} address of ${other.device} already (address ${other.id}); give one of the two another role.`,
    { members: { primary: { id: other.id, address: other.address } } },
  );
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
