import { named } from '#core';
import type { Holding } from '#plugins/devices';
import type { AllocationContext } from './addresses.ts';

interface Released {
  id: number;
  vrfId: number;
  subnetId: number;
  address: string;
}

const release = named(
  'release_held',
  'SELECT id, vrf_id AS "vrfId", subnet_id AS "subnetId", address FROM release_held($1, $2)',
);

/** What becomes of the addresses of a device or an interface that is deleted. */
export function addressHolding({ config, plugins, emit }: AllocationContext): Holding {
  const { held } = plugins.subnets;
  return {
    name: 'addresses',
    permission: 'addresses:write',
    says: {
      release: 'frees those that nobody else holds (one in quarantine, or a gateway, only loses its holder)',
      keep: 'keeps them, without the holder',
    },
    count: held.count,
    async release(tx, holder) {
      const alone = (await held.lock(tx, holder)).filter((each) => each.alone);
      const ids = alone.map(({ id }) => id);
      for (const each of await tx.query<Released>(release, [ids, config.cooldownSeconds]))
        await emit(tx, 'address.released', each);
      await held.leave(tx, holder);
    },
    keep: held.leave,
  };
}
