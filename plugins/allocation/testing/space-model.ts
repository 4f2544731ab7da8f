import { type Block, blockIn, holds, hostBlock, type Ip, ipText, lastOf, type Span, sizeOf } from './ip.ts';
import { outside, reservedBlocks, sparseBlock, takeOf } from './space-strategies.ts';

/** A refusal, by the code of the problem or the name of the constraint. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface ModelSubnet {
  vrf: number;
  block: Block;
  status: string;
  edges: boolean;
  /** Of addresses; undefined: the lowest. */
  strategy?: string | undefined;
  /** Whether what is released rests; it does unless this is false. */
  cools?: boolean;
}

export interface ModelAddress {
  vrf: number;
  ip: Ip;
  status: string;
  cooling: boolean;
  /** Given for an hour. */
  expires?: boolean;
}

export interface ModelRange extends Span {
  vrf: number;
  family: 4 | 6;
  allocatable: boolean;
  counted: boolean;
}

export interface ModelWish {
  count?: number;
  ip?: Ip;
  status?: string;
  expires?: boolean;
  strategy?: string;
  contiguous?: boolean;
  exclude?: Block[];
}

/** A wish's answer: what it was given, or why not. */
export type Granted = { ips: Ip[] } | { code: string; free?: bigint };

export const keyOf = (vrf: number, { family, first, length }: Block) => `${vrf} ${family} ${first}/${length}`;
const order = (a: Block, b: Block) => b.length - a.length;

/** The address space as the specification says it, computed from scratch at every question: slow and plain. */
export class SpaceModel {
  readonly subnets = new Map<string, ModelSubnet>();
  readonly addresses = new Map<string, ModelAddress>();
  readonly ranges = new Map<string, ModelRange>();

  copy(): SpaceModel {
    const copy = new SpaceModel();
    for (const [key, subnet] of this.subnets) copy.subnets.set(key, { ...subnet });
    for (const [key, address] of this.addresses) copy.addresses.set(key, { ...address });
    for (const [key, range] of this.ranges) copy.ranges.set(key, { ...range });
    return copy;
  }

  /** The longest subnet that holds a block, other than itself. */
  above(vrf: number, block: Block): ModelSubnet | undefined {
    return [...this.subnets.values()]
      .filter((each) => each.vrf === vrf && each.block.length < block.length && holds(each.block, block))
      .sort((a, b) => order(a.block, b.block))[0];
  }

  homeOf({ vrf, ip }: ModelAddress): ModelSubnet | undefined {
    return this.subnets.get(keyOf(vrf, hostBlock(ip))) ?? this.above(vrf, hostBlock(ip));
  }

  childrenOf(subnet: ModelSubnet): ModelSubnet[] {
    return [...this.subnets.values()].filter((each) => this.above(each.vrf, each.block) === subnet);
  }

  heldBy(subnet: ModelSubnet): ModelAddress[] {
    return [...this.addresses.values()].filter((each) => this.homeOf(each) === subnet);
  }

  rangeOver(vrf: number, { family, value }: Ip): ModelRange | undefined {
    return [...this.ranges.values()].find(
      (each) => each.vrf === vrf && each.family === family && each.first <= value && value <= each.last,
    );
  }

  rangesIn({ vrf, block }: ModelSubnet): ModelRange[] {
    return [...this.ranges.values()].filter(
      (each) =>
        each.vrf === vrf &&
        each.family === block.family &&
        each.first <= lastOf(block) &&
        block.first <= each.last,
    );
  }

  homeOfRange({ vrf, family, first, last }: ModelRange): ModelSubnet | undefined {
    return [...this.subnets.values()]
      .filter(
        ({ vrf: of, block }) =>
          of === vrf && block.family === family && block.first <= first && last <= lastOf(block),
      )
      .sort((a, b) => order(a.block, b.block))[0];
  }

  createRange(range: ModelRange): void {
    if (!this.homeOfRange(range)) throw new Refused('range-needs-subnet');
    const overlaps = [...this.ranges.values()].some(
      (each) =>
        each.vrf === range.vrf &&
        each.family === range.family &&
        each.first <= range.last &&
        range.first <= each.last,
    );
    if (overlaps) throw new Refused('range-overlaps');
    this.ranges.set(`${range.vrf} ${range.family} ${range.first}`, range);
  }

  /** What may be handed out: see the table in the specification. */
  usable({ block, edges }: ModelSubnet): Span {
    const whole = { first: block.first, last: lastOf(block) };
    if (edges || sizeOf(block) <= 2n) return whole;
    return { first: whole.first + 1n, last: block.family === 4 ? whole.last - 1n : whole.last };
  }

  /** The free runs of a subnet, lowest first; each cooling address is a run of its own. */
  spans(subnet: ModelSubnet): (Span & { cooling: boolean })[] {
    const closed = this.rangesIn(subnet).filter((each) => !each.allocatable);
    const isClosed = ({ vrf, ip }: ModelAddress) => this.rangeOver(vrf, ip)?.allocatable === false;
    const cooling = this.heldBy(subnet).filter((each) => each.cooling && !isClosed(each));
    const holes = [
      ...this.childrenOf(subnet).map(({ block }) => ({ first: block.first, last: lastOf(block) })),
      ...this.heldBy(subnet)
        .filter((each) => each.cooling || each.status !== 'free')
        .map(({ ip }) => ({ first: ip.value, last: ip.value })),
      ...closed,
    ].sort((a, b) => (a.first < b.first ? -1 : 1));
    const spans = cooling.map(({ ip }) => ({ first: ip.value, last: ip.value, cooling: true }));
    let at = subnet.block.first;
    for (const hole of [...holes, { first: lastOf(subnet.block) + 1n, last: 0n }]) {
      if (at < hole.first) spans.push({ first: at, last: hole.first - 1n, cooling: false });
      if (hole.last >= at) at = hole.last + 1n;
    }
    return spans.sort((a, b) => (a.first < b.first ? -1 : 1));
  }

  usage(subnet: ModelSubnet) {
    const counted = this.usable({ ...subnet, edges: subnet.edges || subnet.status === 'container' });
    const within = ({ first, last }: Span) => {
      const [low, high] = [
        first > counted.first ? first : counted.first,
        last < counted.last ? last : counted.last,
      ];
      return high < low ? 0n : high - low + 1n;
    };
    const children = this.childrenOf(subnet);
    const held = this.heldBy(subnet);
    const those = (status?: string) =>
      held
        .filter((each) =>
          status === undefined
            ? each.status !== 'free' && !this.rangeOver(each.vrf, each.ip)?.counted
            : each.status === status,
        )
        .reduce((sum, { ip }) => sum + within({ first: ip.value, last: ip.value }), 0n);
    const total = counted.last - counted.first + 1n;
    const covered = children.reduce(
      (sum, { block }) => sum + within({ first: block.first, last: lastOf(block) }),
      0n,
    );
    const reached = (range: ModelRange, { block }: ModelSubnet) =>
      within({
        first: range.first > block.first ? range.first : block.first,
        last: range.last < lastOf(block) ? range.last : lastOf(block),
      });
    const ranged = this.rangesIn(subnet)
      .filter(({ counted: all }) => all)
      .reduce(
        (sum, range) =>
          children.reduce((left, child) => left - reached(range, child), sum + reached(range, subnet)),
        0n,
      );
    const hundredths = (20_000n * (covered + ranged + those()) + total) / (2n * total);
    return {
      countedFirst: counted.first,
      countedLast: counted.last,
      total,
      children: covered,
      ranged,
      taken: those(),
      reserved: those('reserved'),
      quarantined: those('quarantined'),
      childCount: children.length,
      percent: Number(hundredths > 10_000n ? 10_000n : hundredths) / 100,
    };
  }

  createSubnet(vrf: number, block: Block, status = 'active', edges = false): void {
    if (this.subnets.has(keyOf(vrf, block))) throw new Refused('subnet-taken');
    this.subnets.set(keyOf(vrf, block), { vrf, block, status, edges });
  }

  removeSubnet(subnet: ModelSubnet, cascade: string): void {
    const holdsSomething =
      this.childrenOf(subnet).length > 0 ||
      this.heldBy(subnet).some(({ status }) => status !== 'free') ||
      [...this.ranges.values()].some((each) => this.homeOfRange(each) === subnet);
    const parent = this.above(subnet.vrf, subnet.block);
    if (cascade === 'refuse' && holdsSomething) throw new Refused('subnet-not-empty');
    if (cascade === 'rehome' && !parent && holdsSomething) throw new Refused('no-parent');
    const inside = (vrf: number, block: Block) => vrf === subnet.vrf && holds(subnet.block, block);
    for (const [key, each] of [...this.addresses]) {
      const isHistory = !parent && each.status === 'free' && this.homeOf(each) === subnet;
      if (cascade === 'delete' ? inside(each.vrf, hostBlock(each.ip)) : isHistory) this.addresses.delete(key);
    }
    for (const [key, each] of [...this.ranges]) {
      if (cascade !== 'delete' || each.vrf !== subnet.vrf || each.family !== subnet.block.family) continue;
      if (subnet.block.first <= each.first && each.last <= lastOf(subnet.block)) this.ranges.delete(key);
    }
    for (const [key, each] of [...this.subnets]) {
      if (each === subnet || (cascade === 'delete' && inside(each.vrf, each.block))) this.subnets.delete(key);
    }
  }

  /** As one statement of a person in psql: nobody is asked, but no address may end without a subnet. */
  dropSubnets(subnets: readonly ModelSubnet[]): void {
    for (const { vrf, block } of subnets) this.subnets.delete(keyOf(vrf, block));
    for (const each of this.addresses.values()) {
      if (!this.homeOf(each)) throw new Refused('address_needs_subnet');
    }
    for (const each of this.ranges.values()) {
      if (!this.homeOfRange(each)) throw new Refused('range_needs_subnet');
    }
  }

  address(vrf: number, ip: Ip): ModelAddress | undefined {
    return this.addresses.get(`${vrf} ${ipText(ip)}`);
  }

  /** A new row, or another state of the one that is there; its expiry stays as it is unless told. */
  put(
    vrf: number,
    ip: Ip,
    status: string,
    cooling = false,
    expires = this.address(vrf, ip)?.expires === true,
  ): void {
    this.addresses.set(`${vrf} ${ipText(ip)}`, { vrf, ip, status, cooling, expires });
  }

  /** Takes addresses back: all of them, or, where one is in quarantine, none. */
  release(those: readonly ModelAddress[]): void {
    if (those.some(({ status }) => status === 'quarantined')) throw new Refused('address-quarantined');
    for (const each of those) {
      const { vrf, ip, status } = each;
      if (status !== 'free') this.put(vrf, ip, 'free', this.homeOf(each)?.cools ?? true, false);
    }
  }

  /** The hour for which addresses were given is over; who is in quarantine stays. */
  expire(): void {
    this.release(
      [...this.addresses.values()].filter(({ expires, status }) => expires && status !== 'quarantined'),
    );
  }

  forget(vrf: number, ip: Ip): void {
    this.addresses.delete(`${vrf} ${ipText(ip)}`);
  }

  createAddress(vrf: number, ip: Ip, status: string): void {
    if (!this.homeOf({ vrf, ip, status, cooling: false })) throw new Refused('address-needs-subnet');
    if ((this.address(vrf, ip)?.status ?? 'free') !== 'free') throw new Refused('address-taken');
    this.put(vrf, ip, status, false, false);
  }

  /** The free runs of what may be handed out, without some blocks. */
  freeRuns(subnet: ModelSubnet, exclude: readonly Block[] = []): Span[] {
    const usable = this.usable(subnet);
    const runs = this.spans(subnet).flatMap(({ first, last, cooling }) => {
      const run = {
        first: first > usable.first ? first : usable.first,
        last: last < usable.last ? last : usable.last,
      };
      return cooling || run.last < run.first ? [] : [run];
    });
    return outside(runs, subnet.block.family, exclude);
  }

  /** What a wish without a name is given; undefined where there is no room. Of `random` it is what the register `drew`. */
  #picked(subnet: ModelSubnet, wish: ModelWish, drew: readonly Ip[] | undefined): Ip[] | undefined {
    const { count = 1, contiguous = false, strategy = subnet.strategy ?? 'first', exclude = [] } = wish;
    const { family } = subnet.block;
    const leavesReserved = strategy === 'last' || strategy === 'random';
    const runs = this.freeRuns(subnet, [...exclude, ...(leavesReserved ? reservedBlocks(subnet.block) : [])]);
    if (strategy !== 'random')
      return takeOf(runs, strategy, count, contiguous)?.map((value) => ({ family, value }));
    if (!takeOf(runs, 'first', count, contiguous)) return undefined;
    const values = (drew ?? []).map(({ value }) => value);
    const isFree = (at: bigint) => runs.some(({ first, last }) => first <= at && at <= last);
    const isRow = values.every((at, index) => at === (values[0] as bigint) + BigInt(index));
    if (new Set(values).size !== count || !values.every(isFree) || (contiguous && !isRow))
      throw new Error(`"random" may not give ${values}`);
    return values.map((value) => ({ family, value }));
  }

  /** The free addresses that may be handed out, lowest first: at most `most`, and how many there are. */
  free(subnet: ModelSubnet, most: number): { ips: Ip[]; count: bigint } {
    const { family } = subnet.block;
    const usable = this.usable(subnet);
    const ips: Ip[] = [];
    let count = 0n;
    for (const span of this.spans(subnet)) {
      if (span.cooling) continue;
      const first = span.first > usable.first ? span.first : usable.first;
      const last = span.last < usable.last ? span.last : usable.last;
      if (last < first) continue;
      count += last - first + 1n;
      for (let at = first; at <= last && ips.length < most; at += 1n) ips.push({ family, value: at });
    }
    return { ips, count };
  }

  #refusalOf(subnet: ModelSubnet, ip: Ip): string | undefined {
    if (!holds(subnet.block, hostBlock(ip))) return 'address-outside';
    const span = this.spans(subnet).find(({ first, last }) => first <= ip.value && ip.value <= last);
    if (!span) {
      const isHeld = (this.address(subnet.vrf, ip)?.status ?? 'free') !== 'free';
      const isOwn = this.homeOf({ vrf: subnet.vrf, ip, status: 'free', cooling: false }) === subnet;
      const isClosed = this.rangeOver(subnet.vrf, ip)?.allocatable === false;
      return isClosed && isOwn && !isHeld ? 'address-in-range' : 'address-taken';
    }
    if (span.cooling) return 'address-cooling-down';
    const { first, last } = this.usable(subnet);
    return ip.value < first || ip.value > last ? 'address-not-usable' : undefined;
  }

  /** Grants what can be granted: first those by name, then the others in their order. */
  allocate(subnet: ModelSubnet, wishes: readonly ModelWish[], drew?: readonly Ip[]): Granted[] {
    const granted: Granted[] = [];
    for (const [index, { ip, status = 'assigned', expires = false }] of wishes.entries()) {
      if (!ip) continue;
      const code = this.#refusalOf(subnet, ip);
      granted[index] = code === undefined ? { ips: [ip] } : { code };
      if (code === undefined) this.put(subnet.vrf, ip, status, false, expires);
    }
    for (const [index, wish] of wishes.entries()) {
      if (wish.ip) continue;
      const ips = this.#picked(subnet, wish, drew);
      const free = this.freeRuns(subnet, wish.exclude).reduce(
        (sum, run) => sum + run.last - run.first + 1n,
        0n,
      );
      granted[index] = ips ? { ips } : { code: 'insufficient-space', free };
      for (const each of ips ?? [])
        this.put(subnet.vrf, each, wish.status ?? 'assigned', false, wish.expires ?? false);
    }
    return granted;
  }

  /** The free runs of a subnet without what lies in any range. */
  #spansBetweenRanges(subnet: ModelSubnet): (Span & { cooling: boolean })[] {
    const ranges = this.rangesIn(subnet).sort((a, b) => (a.first < b.first ? -1 : 1));
    return this.spans(subnet).flatMap((span) => {
      const pieces = [];
      let at = span.first;
      for (const { first, last } of ranges) {
        if (first > at && at <= span.last)
          pieces.push({ ...span, first: at, last: first - 1n < span.last ? first - 1n : span.last });
        if (last >= at) at = last + 1n;
      }
      return at <= span.last ? [...pieces, { ...span, first: at }] : pieces;
    });
  }

  allocateSubnets(subnet: ModelSubnet, length: number, count: number, strategy: string): Block[] {
    const { family } = subnet.block;
    const made: Block[] = [];
    for (let nth = 0; nth < count; nth += 1) {
      const roomy = this.#spansBetweenRanges(subnet).flatMap((span) => {
        const block = span.cooling ? undefined : blockIn(family, span, length);
        return block ? [{ block, size: span.last - span.first }] : [];
      });
      if (strategy === 'best-fit') roomy.sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0));
      const free = this.#spansBetweenRanges(subnet).filter(({ cooling }) => !cooling);
      const found = strategy === 'sparse' ? sparseBlock(subnet.block, free, length) : roomy[0]?.block;
      if (!found) throw new Refused('insufficient-space');
      this.createSubnet(subnet.vrf, found);
      made.push(found);
    }
    return made;
  }
}
