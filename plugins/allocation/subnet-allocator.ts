import { invalidRequest, named, type Tx } from '#core';
import { type SubnetRecord, subnetErrors } from '#plugins/subnets';
import type { AllocationContext } from './addresses.ts';
import { withoutSubnet } from './problems.ts';
import type { SubnetWish } from './schemas.ts';

/** Hands out subnets of a subnet: `count` of one length, together or not at all. */
export type AllocateSubnets = (tx: Tx, subnetId: number, wish: SubnetWish) => Promise<SubnetRecord[]>;

const allocate = named('allocate_subnets', 'SELECT allocate_subnets($1, $2, $3, $4, $5::jsonb) AS id');

/** Makes the allocator of subnets. */
export function createSubnetAllocator({ plugins }: Pick<AllocationContext, 'plugins'>): AllocateSubnets {
  const { subnets } = plugins.subnets;
  return async (tx, subnetId, { prefixLength, count = 1, strategy = 'best-fit', ...attributes }) => {
    const home = await subnets.readIn(tx, subnetId);
    demandLonger(home, prefixLength);
    const rows = await tx
      .query<{ id: number }>(allocate, [subnetId, prefixLength, count, strategy, JSON.stringify(attributes)])
      .catch((fault: unknown) => {
        throw withoutSubnet(fault, subnetId);
      });
    if (rows.length < count) {
      throw subnetErrors.insufficientSpace(
        `${home.cidr} has room for ${rows.length} more /${prefixLength}, and ${count} ${count === 1 ? 'was' : 'were'} asked for.`,
        { members: { free: rows.length, wanted: count } },
      );
    }
    const made = await subnets.readMany(
      tx,
      rows.map(({ id }) => id),
    );
    for (const subnet of made) await subnets.announce(tx, 'subnet.created', subnet);
    return made;
  };
}

function demandLonger({ cidr, family, prefixLength: own }: SubnetRecord, prefixLength: number): void {
  const most = family === 4 ? 32 : 128;
  if (prefixLength > own && prefixLength <= most) return;
  const right = own === most ? 'nothing fits into it' : `it takes /${own + 1} to /${most}`;
  const message = `A /${prefixLength} is not a part of ${cidr}: ${right}.`;
  throw invalidRequest([{ path: 'body.prefixLength', code: 'not-inside', message }]);
}
