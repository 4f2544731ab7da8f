import { kernelErrors, named, type Tx } from '#core';
import { type AddressRecord, lockHomes } from '#plugins/subnets';
import type { AllocationContext } from './addresses.ts';
import { allocationErrors } from './errors.ts';
import type { ReleaseList } from './schemas.ts';

/** Takes addresses back. */
export interface Releaser {
  /** Keeps the row, clears its holder, starts the cooldown; an address that is free already stays as it is, one in quarantine is refused. */
  one(tx: Tx, addressId: number): Promise<AddressRecord>;
  /** Several, together or not at all. */
  all(tx: Tx, list: ReleaseList): Promise<AddressRecord[]>;
}

const release = named('release_address', 'SELECT release_address($1, $2)');
const find = named(
  'find_addresses',
  `SELECT id, address FROM address
    WHERE id = ANY ($1) OR (vrf_id = $2 AND address = ANY ($3::inet[])) ORDER BY subnet_id, id`,
);

/** Makes the releaser. */
export function createReleaser({ config, plugins, emit }: AllocationContext): Releaser {
  const { addresses, vrfs } = plugins.subnets;

  async function one(tx: Tx, addressId: number): Promise<AddressRecord> {
    const held = await addresses.lock(tx, addressId);
    if (held.status === 'free') return held;
    if (held.status === 'quarantined') {
      throw allocationErrors.addressQuarantined(
        `${held.address} is quarantined: resolve the conflict, or change its status, first.`,
        { members: { id: held.id, address: held.address } },
      );
    }
    await tx.query(release, [addressId, config.cooldownSeconds]);
    const { id, vrfId, subnetId, address } = held;
    await emit(tx, 'address.released', { id, vrfId, subnetId, address });
    return addresses.readIn(tx, addressId);
  }

  return {
    one,
    async all(tx, { addresses: wanted, ...choice }) {
      const ids = wanted.filter((each) => typeof each === 'number');
      const names = wanted.filter((each) => typeof each === 'string');
      const vrfId = await vrfs.chosen(tx, choice);
      const found = await tx.query<{ id: number; address: string }>(find, [ids, vrfId, names]);
      const missing = [
        ...ids.filter((id) => !found.some((row) => row.id === id)),
        ...names.filter((name) => !found.some((row) => row.address === name)),
      ];
      if (missing.length > 0) {
        throw kernelErrors.notFound(`Not registered: ${missing.join(', ')}; nothing was released.`, {
          members: { missing },
        });
      }
      await lockHomes(
        tx,
        found.map(({ id }) => id),
      );
      const released: AddressRecord[] = [];
      for (const { id } of found) released.push(await one(tx, id));
      return released;
    },
  };
}
