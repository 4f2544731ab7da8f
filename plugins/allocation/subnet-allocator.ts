import { invalidRequest, named, type Tx } from '#core';
import type { SubnetRecord } from '#plugins/subnets';
import type { AllocationContext } from './addresses.ts';
import { allocationErrors } from './errors.ts';
import { withoutSubnet } from './problems.ts';
import type { SubnetWish } from './schemas.ts';

/** Hands out subnets of a subnet: `count` of one length, together or not at all. */
export type AllocateSubnets = (tx: Tx, subnetId: number, wish: SubnetWish) => Promise<SubnetRecord[]>;

const allocate = named('allocate_subnets', 'SELECT allocate_subnets($1, $2, $3, $4, $5::jsonb) AS id');

/** Makes the allocator of subnets. */
export function createSubnetAllocator({ plugins }: Pick<AllocationContext, 'plugins'>): AllocateSubnets {
  const { subnets } = plugins.subnets;
  return async (tx, subnetId, { prefixLength: wished, count = 1, strategy = 'best-fit', ...attributes }) => {
    const home = await subnets.readIn(tx, subnetId);
    const prefixLength = lengthFor(home, wished);
    const rows = await tx
      .query<{ id: number }>(allocate, [subnetId, prefixLength, count, strategy, JSON.stringify(attributes)])
      .catch((fault: unknown) => {
        throw withoutSubnet(fault, subnetId);
      });
    if (rows.length < count) {
      throw allocationErrors.insufficientSpace(
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

/** The length to hand out: the one wished for, else the usual one of the subnet; 422 where its policy has another mind. */
function lengthFor(home: SubnetRecord, wished: number | undefined): number {
  const { cidr, family, prefixLength: own } = home;
  const refuse = (code: string, message: string) =>
    invalidRequest([{ path: 'body.prefixLength', code, message }]);
  const length = wished ?? home.defaultChildPrefixLength;
  if (length === null)
    throw refuse('required', `It is missing, and ${cidr} has no defaultChildPrefixLength.`);
  const most = family === 4 ? 32 : 128;
  if (length <= own || length > most) {
    const right = own === most ? 'nothing fits into it' : `it takes /${own + 1} to /${most}`;
    throw refuse('not-inside', `A /${length} is not a part of ${cidr}: ${right}.`);
  }
  const [least, greatest] = [home.minChildPrefixLength ?? own + 1, home.maxChildPrefixLength ?? most];
  if (length < least || length > greatest) {
    const right = least === greatest ? `/${least}` : `/${least} to /${greatest}`;
    throw refuse('against-policy', `${cidr} hands out ${right} by its policy, and not a /${length}.`);
  }
  return length;
}
