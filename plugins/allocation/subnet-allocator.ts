import { type FieldError, invalidRequest, type Problem, type Tx, valuesOnly } from '#core';
import { bitsOf, formatBlock, type SubnetRecord, subnetErrors } from '#plugins/subnets';
import { chosenVlan } from '#plugins/vlans';
import type { AllocationContext } from './addresses.ts';
import { without } from './domain/runs.ts';
import { type RunRow, runOf, viewSpace } from './free-space.ts';
import { blockOf, type Source, whose } from './granting.ts';
import { noStrategy, noSubnet } from './problems.ts';
import { allocateSubnet, openForSubnets, rangesOf } from './queries.ts';
import type { DrawBelow } from './random.ts';
import type { SubnetWish } from './schemas.ts';
import type { Catalogue, SubnetStrategy } from './strategies.ts';

/** Hands out subnets of a subnet: `count` of one length, together or not at all. */
export type AllocateSubnets = (tx: Tx, subnetId: number, wish: SubnetWish) => Promise<SubnetRecord[]>;

/** Hands out subnets of the first of several subnets that has room for all that are wished for. */
export interface SubnetAllocator {
  from(tx: Tx, source: Source, wish: SubnetWish): Promise<SubnetRecord[]>;
}

/** Makes the allocator of subnets. */
export function createSubnetAllocator(
  { plugins }: Pick<AllocationContext, 'plugins'>,
  strategies: Catalogue<SubnetStrategy>,
  draw: DrawBelow,
): SubnetAllocator {
  const { subnets } = plugins.subnets;

  /** Makes up to `count` subnets, each where the strategy finds room after the ones before; answers their ids. */
  async function make(
    tx: Tx,
    home: SubnetRecord,
    strategy: SubnetStrategy,
    { prefixLength, count, attributes }: { prefixLength: number; count: number; attributes: string },
  ): Promise<number[]> {
    const { family, block } = blockOf(home.cidr);
    const ranges = (await tx.query<RunRow>(rangesOf, [home.id])).map(runOf);
    const windows = without([block], ranges);
    const of = { id: home.id, family, prefixLength: home.prefixLength, block, windows };
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

  /** The members of a source that may hand out a length, with that length; throws what is wrong where none may. */
  function fitting({ pool }: Source, homes: readonly SubnetRecord[], wished: number | undefined) {
    const lengths = homes.map((home) => ({ home, ...lengthFor(home, wished) }));
    const fit = lengths.flatMap(({ home, length }) => (length === undefined ? [] : [{ home, length }]));
    const faults = lengths.flatMap(({ fault }) => (fault ? [fault] : []));
    const [first] = faults;
    if (fit.length > 0 || !first) return fit;
    const message =
      pool === undefined
        ? first.message
        : `No subnet of the pool ${pool} can: ${faults
            .slice(0, 5)
            .map((each) => each.message)
            .join(' ')}`;
    throw invalidRequest([{ ...first, message }]);
  }

  async function from(tx: Tx, source: Source, wish: SubnetWish): Promise<SubnetRecord[]> {
    const { prefixLength: wished, count = 1, strategy: named, customFields = {}, ...given } = wish;
    const attributes = JSON.stringify({
      ...given,
      vlanId: await chosenVlan(tx.query, wish),
      customFields: valuesOnly(customFields),
    });
    await tx.query(openForSubnets, [source.subnetIds]);
    const homes = await subnets.readMany(tx, source.subnetIds);
    if (homes.length === 0 && source.pool === undefined) throw noSubnet(Number(source.subnetIds[0]));
    const fit = fitting(source, homes, wished);
    let free = 0;
    for (const { home, length } of fit) {
      const name = named ?? source.strategy ?? home.childStrategy ?? 'best-fit';
      const strategy = strategies.find(name);
      if (!strategy) throw noStrategy(whose(source, home.cidr), strategies.unknown(name));
      // What one of several has is given back where it is not enough; of a single one, nothing stays anyway.
      if (fit.length > 1) await tx.query('SAVEPOINT before_member');
      const ids = await make(tx, home, strategy, {
        prefixLength: length,
        count,
        attributes,
      });
      if (ids.length === count) {
        const made = await subnets.readMany(tx, ids);
        for (const subnet of made) await subnets.announce(tx, 'subnet.created', subnet);
        return made;
      }
      if (fit.length > 1) await tx.query('ROLLBACK TO SAVEPOINT before_member');
      free += ids.length;
    }
    throw noRoom(source, fit, free, count);
  }

  return { from };
}

/** 409 that says how many there was room for. */
function noRoom(
  { pool }: Source,
  fit: readonly { home: SubnetRecord; length: number }[],
  free: number,
  wanted: number,
): Problem {
  const whole = pool === undefined ? fit[0]?.home.cidr : `The pool ${pool}`;
  const inAll = pool === undefined ? '' : ` in ${fit.length} subnets`;
  const lengths = new Set(fit.map(({ length }) => `/${length}`));
  const what = lengths.size === 1 ? [...lengths][0] : 'subnets';
  const lacks =
    free < wanted
      ? `and ${wanted} ${wanted === 1 ? 'was' : 'were'} asked for`
      : `but not for the ${wanted} asked for in one of them`;
  return subnetErrors.insufficientSpace(`${whole} has room for ${free} more ${what}${inAll}, ${lacks}.`, {
    members: { free, wanted },
  });
}

/** The length to hand out: the one wished for, else the usual one of the subnet; a fault where its policy has another mind. */
function lengthFor(
  home: SubnetRecord,
  wished: number | undefined,
): { length: number; fault?: undefined } | { length?: undefined; fault: FieldError } {
  const { cidr, family, prefixLength: own } = home;
  const refuse = (code: string, message: string) => ({ fault: { path: 'body.prefixLength', code, message } });
  const length = wished ?? home.defaultChildPrefixLength;
  if (length === null)
    return refuse('required', `It is missing, and ${cidr} has no defaultChildPrefixLength.`);
  const most = bitsOf(family);
  if (length <= own || length > most) {
    const right = own === most ? 'nothing fits into it' : `it takes /${own + 1} to /${most}`;
    return refuse('not-inside', `A /${length} is not a part of ${cidr}: ${right}.`);
  }
  const [least, greatest] = [home.minChildPrefixLength ?? own + 1, home.maxChildPrefixLength ?? most];
  if (length < least || length > greatest) {
    const right = least === greatest ? `/${least}` : `/${least} to /${greatest}`;
    return refuse('against-policy', `${cidr} hands out ${right} by its policy, and not a /${length}.`);
  }
  return { length };
}
