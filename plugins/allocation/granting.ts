import type { Caller, IdempotencyKey, Problem, RunQuery, Tx } from '#core';
import { type AddressRecord, formatIp, lastOf, readBlock, subnetErrors } from '#plugins/subnets';
import { type Run, sizeOf } from './domain/runs.ts';
import { allocationErrors } from './errors.ts';
import { type FreeSpace, numberOf, viewSpace } from './free-space.ts';
import { noStrategy, noSubnet, shortage } from './problems.ts';
import { openSpaces } from './queries.ts';
import type { DrawBelow } from './random.ts';
import type { Wish } from './schemas.ts';
import type { AddressStrategy, Catalogue } from './strategies.ts';

/** One wish with who has it. */
export interface Member {
  caller: Caller;
  wish: Wish;
  expiresAt: string | null;
  /** Under which its answer is kept. */
  key?: IdempotencyKey | undefined;
}

/** What became of a member: what it got, why it got nothing, or that its subnet goes by another strategy than the lowest. */
export interface Answer {
  granted: AddressRecord[];
  refused?: Problem;
  otherStrategy?: true;
  /** The change that an earlier request with the same key made: this is its answer. */
  replayed?: string;
  /** Where the database did not wait for the disk: when a crash cannot take it back any more. Nobody is told before. */
  onDisk?: Promise<void>;
}

/** Hands out of one subnet to some members, the lowest or by name, in one call of the database. */
export type Serve = (query: RunQuery, subnetId: number, members: readonly Member[]) => Promise<Answer[]>;

/** Where addresses come from: a subnet, or the first of several that has room. */
export interface Source {
  subnetIds: readonly number[];
  /** The name of the pool that the subnets belong to. */
  pool?: string;
  /** What is done where neither the wish nor the subnet says; it comes before the subnet's own policy. */
  strategy?: string | null;
}

/** A subnet whose space this transaction has locked. */
interface Home {
  id: number;
  cidr: string;
  strategy: string | null;
  space: FreeSpace;
}

interface HomeRow {
  id: number;
  cidr: string;
  lowest: string;
  highest: string;
  strategy: string | null;
}

/** Whether the lowest addresses will do, without a look at what else is free. */
export function isPlain({ strategy, contiguous, exclude, count = 1 }: Wish): boolean {
  return (
    (strategy === undefined || strategy === 'first') &&
    !(contiguous && count > 1) &&
    (exclude === undefined || exclude.length === 0)
  );
}

/**
 * Makes what grants wishes by any strategy. It locks the space of the source first (of several subnets in id order, as everybody
 * does), then picks, then takes what was picked by name; so a strategy can be wrong, but never hand out what another has.
 */
export function createGranting(parts: {
  strategies: Catalogue<AddressStrategy>;
  draw: DrawBelow;
  serve: Serve;
}): (tx: Tx, source: Source, members: readonly Member[]) => Promise<Answer[]> {
  const { strategies, draw, serve } = parts;

  async function open(tx: Tx, { subnetIds, pool }: Source): Promise<Home[]> {
    const rows = await tx.query<HomeRow>(openSpaces, [subnetIds]);
    if (rows.length === 0 && pool === undefined) throw noSubnet(Number(subnetIds[0]));
    return rows.map(({ id, cidr, lowest, highest, strategy }) => {
      const block = blockOf(cidr);
      const windows = [{ first: numberOf(lowest), last: numberOf(highest) }];
      return { id, cidr, strategy, space: viewSpace(tx.query, draw, { ...block, id, windows }) };
    });
  }

  const nameFor = (source: Source, home: Home, { strategy }: Wish) =>
    strategy ?? source.strategy ?? home.strategy ?? 'first';

  const takesLowest = (source: Source, home: Home, { wish }: Member) =>
    wish.address !== undefined || isPlain({ ...wish, strategy: nameFor(source, home, wish) });

  /** What a strategy picks, made sure of; undefined where it finds no room. */
  async function pick(strategy: AddressStrategy, space: FreeSpace, { count = 1, contiguous = false }: Wish) {
    const picked = await strategy.pick(space, { count, contiguous });
    if (!picked) return undefined;
    const isOffered = (at: bigint) => space.windows.some(({ first, last }) => first <= at && at <= last);
    const isRow = picked.every((at, index) => at === (picked[0] as bigint) + BigInt(index));
    if (
      picked.length !== count ||
      new Set(picked).size !== count ||
      !picked.every(isOffered) ||
      (contiguous && !isRow)
    )
      throw new Error(`The strategy ${strategy.name} did not pick what it was asked for.`);
    return picked.map((value) => formatIp({ family: space.family, value }));
  }

  /** Grants one wish from one subnet; undefined where that has no room for all of it. */
  async function grantFrom(tx: Tx, source: Source, home: Home, member: Member): Promise<Answer | undefined> {
    const { wish } = member;
    const name = nameFor(source, home, wish);
    if (isPlain({ ...wish, strategy: name })) {
      const [answer] = await serve(tx.query, home.id, [sayingFirst(home, member)]);
      return answer?.refused?.code === subnetErrors.insufficientSpace.code ? undefined : answer;
    }
    const strategy = strategies.find(name);
    if (!strategy)
      return { granted: [], refused: noStrategy(whose(source, home.cidr), strategies.unknown(name)) };
    const picked = await pick(strategy, offered(home, wish), wish);
    if (!picked) return undefined;
    const answers = await serve(
      tx.query,
      home.id,
      picked.map((address) => ({ ...member, wish: { ...wish, address, count: 1 } })),
    );
    const refused = answers.find((answer) => answer.refused)?.refused;
    if (refused) throw new Error(`The strategy ${name} picked what is not free: ${refused.message}`);
    return { granted: answers.flatMap(({ granted }) => granted) };
  }

  /** Grants those that name an address, each from the smallest subnet of the source that holds it. */
  async function grantNamed(tx: Tx, source: Source, homes: readonly Home[], members: readonly Member[]) {
    const answers = new Map<Member, Answer>();
    const byHome = Map.groupBy(members, ({ wish }) =>
      homes.length === 1 ? homes[0] : smallestAround(homes, wish.address ?? ''),
    );
    for (const [home, those] of byHome) {
      const told = home
        ? await serve(tx.query, home.id, those)
        : those.map(({ wish }) => ({ granted: [], refused: outsideAll(source, wish) }));
      for (const [index, member] of those.entries()) answers.set(member, told[index] as Answer);
    }
    return answers;
  }

  async function grantOther(tx: Tx, source: Source, homes: readonly Home[], member: Member): Promise<Answer> {
    for (const home of homes) {
      const answer = await grantFrom(tx, source, home, member);
      if (answer) return answer;
    }
    return { granted: [], refused: await lack(source, homes, member.wish) };
  }

  return async function grant(tx, source, members) {
    const homes = await open(tx, source);
    const [home] = homes;
    if (home && homes.length === 1 && members.every((member) => takesLowest(source, home, member))) {
      return serve(
        tx.query,
        home.id,
        members.map((member) => sayingFirst(home, member)),
      );
    }
    const answers = await grantNamed(
      tx,
      source,
      homes,
      members.filter(({ wish }) => wish.address !== undefined),
    );
    for (const member of members) {
      if (!answers.has(member)) answers.set(member, await grantOther(tx, source, homes, member));
    }
    return members.map((member) => answers.get(member) as Answer);
  };
}

/** Whose policy a strategy comes from, in words. */
export function whose({ pool, strategy }: Source, cidr: string): string {
  return strategy ? `the pool ${pool}` : cidr;
}

/** The same member, so that a subnet with another strategy of its own still gives it the lowest. */
function sayingFirst({ strategy }: Home, member: Member): Member {
  if (strategy === null || strategy === 'first') return member;
  return { ...member, wish: { ...member.wish, strategy: 'first' } };
}

/** What a home offers for a wish: what it may hand out, without what the wish leaves out. */
function offered({ space }: Home, { exclude = [] }: Wish): FreeSpace {
  const holes = exclude.map(blockOf).filter(({ family }) => family === space.family);
  return holes.length === 0 ? space : space.without(holes.map(({ block }) => block));
}

function smallestAround(homes: readonly Home[], address: string): Home | undefined {
  const family = address.includes(':') ? 6 : 4;
  const at = numberOf(address);
  return homes
    .filter(({ space }) => space.family === family && space.block.first <= at && at <= space.block.last)
    .sort((a, b) => b.space.prefixLength - a.space.prefixLength)[0];
}

function outsideAll({ pool }: Source, { address }: Wish): Problem {
  return allocationErrors.addressOutside(`${address} does not lie in a subnet of the pool ${pool}.`);
}

/** Why a wish could not be granted by any of some subnets. */
async function lack(source: Source, homes: readonly Home[], wish: Wish): Promise<Problem> {
  const { count = 1, contiguous = false } = wish;
  const spaces = homes.map((home) => offered(home, wish));
  let [free, largestRun] = [0n, 0n];
  for (const space of spaces) {
    free += await space.total();
    const [run] = contiguous ? await space.largest() : [];
    if (run && sizeOf(run) > largestRun) largestRun = sizeOf(run);
  }
  return shortage({
    whole: source.pool === undefined ? `${homes[0]?.cidr}` : `The pool ${source.pool}`,
    subnets: source.pool === undefined ? undefined : homes.length,
    free,
    wanted: count,
    largestRun: contiguous ? largestRun : undefined,
    excluding: (wish.exclude ?? []).length > 0,
  });
}

/** A CIDR as numbers. */
export function blockOf(cidr: string): { family: 4 | 6; prefixLength: number; block: Run } {
  const read = readBlock(cidr);
  if (!read.ok) throw new Error(read.why);
  const { family, first, length } = read.value;
  return { family, prefixLength: length, block: { first, last: lastOf(read.value) } };
}
