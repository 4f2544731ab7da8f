import { invalidRequest, type Tx } from '#core';
import { bitsOf, formatBlock, type SubnetRecord, subnetErrors } from '#plugins/subnets';
import type { AllocationContext } from './addresses.ts';
import { viewSpace } from './free-space.ts';
import { blockOf } from './granting.ts';
import { noStrategy, noSubnet } from './problems.ts';
import { allocateSubnet, openForSubnets } from './queries.ts';
import type { DrawBelow } from './random.ts';
import type { SubnetWish } from './schemas.ts';
import type { Catalogue, SubnetStrategy } from './strategies.ts';

/** Hands out subnets of a subnet: `count` of one length, together or not at all. */
export type AllocateSubnets = (tx: Tx, subnetId: number, wish: SubnetWish) => Promise<SubnetRecord[]>;

/** Makes the allocator of subnets. */
export function createSubnetAllocator(
  { plugins }: Pick<AllocationContext, 'plugins'>,
  strategies: Catalogue<SubnetStrategy>,
  draw: DrawBelow,
): AllocateSubnets {
  const { subnets } = plugins.subnets;

  /** Makes up to `count` subnets, each where the strategy finds room after the ones before; answers their ids. */
  async function make(
    tx: Tx,
    home: SubnetRecord,
    strategy: SubnetStrategy,
    { prefixLength, count, attributes }: { prefixLength: number; count: number; attributes: string },
  ): Promise<number[]> {
    const { family, block } = blockOf(home.cidr);
    const of = { id: home.id, family, prefixLength: home.prefixLength, block, windows: [block] };
    const space = viewSpace(tx.query, draw, of);
    const size = 1n << BigInt(bitsOf(family) - prefixLength);
    const made: number[] = [];
    while (made.length < count) {
      const first = await strategy.pick(space, { prefixLength });
      if (first === undefined) break;
      const isBlock = first % size === 0n && block.first <= first && first + size - 1n <= block.last;
      const cidr = isBlock && formatBlock({ family, first, length: prefixLength });
      const [row] = cidr
        ? await tx.query<{ id: number | null }>(allocateSubnet, [home.id, cidr, attributes])
        : [];
      if (!row?.id) throw new Error(`The strategy ${strategy.name} did not pick a free /${prefixLength}.`);
      made.push(row.id);
    }
    return made;
  }

  return async (tx, subnetId, { prefixLength: wished, count = 1, strategy: named, ...attributes }) => {
    await tx.query(openForSubnets, [[subnetId]]);
    const [home] = await subnets.readMany(tx, [subnetId]);
    if (!home) throw noSubnet(subnetId);
    const prefixLength = lengthFor(home, wished);
    const name = named ?? home.childStrategy ?? 'best-fit';
    const strategy = strategies.find(name);
    if (!strategy) throw noStrategy(home.cidr, strategies.unknown(name));
    const ids = await make(tx, home, strategy, {
      prefixLength,
      count,
      attributes: JSON.stringify(attributes),
    });
    if (ids.length < count) {
      throw subnetErrors.insufficientSpace(
        `${home.cidr} has room for ${ids.length} more /${prefixLength}, and ${count} ${count === 1 ? 'was' : 'were'} asked for.`,
        { members: { free: ids.length, wanted: count } },
      );
    }
    const made = await subnets.readMany(tx, ids);
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
