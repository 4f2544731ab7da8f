import {
  around,
  type Block,
  blockIn,
  blockText,
  holds,
  hostBlock,
  ipText,
  lastOf,
  type Span,
  sizeOf,
} from './ip.ts';
import {
  keyOf,
  type ModelAddress,
  type ModelRange,
  type ModelSubnet,
  Refused,
  type SpaceModel,
} from './space-model.ts';

/** What a reshaping answers, as sorted lines. */
export interface Told {
  subnets: string[];
  changes: string[];
  rehomed: string[];
}

const inside = (outer: Block, inner: Block) => outer.length < inner.length && holds(outer, inner);
const holdsRange = (outer: Block, { family, first, last }: ModelRange) =>
  outer.family === family && outer.first <= first && last <= lastOf(outer);
const rangeText = ({ family, first, last }: ModelRange) =>
  `${ipText({ family, value: first })}-${ipText({ family, value: last })}`;
const textOf = ({ block }: ModelSubnet) => blockText(block);

/** Runs a reshaping on the model, and tells what it changed: found by looking before and after, not by following it. */
export function told(space: SpaceModel, work: () => ModelSubnet[]): Told {
  const subnets = new Map([...space.subnets.values()].map((each) => [each, { ...each, text: textOf(each) }]));
  const addresses = new Map(
    [...space.addresses.values()].map((each) => [each, { text: ipText(each.ip), home: space.homeOf(each) }]),
  );
  const ranges = new Map([...space.ranges.values()].map((each) => [each, rangeText(each)]));
  const result = work();
  const now = new Set(space.subnets.values());
  const held = new Set(space.addresses.values());
  const changes = [...now]
    .filter((each) => !subnets.has(each))
    .map((each) => `create subnet ${textOf(each)}`);
  for (const [each, { text, status }] of subnets) {
    if (!now.has(each)) changes.push(`delete subnet ${text}`);
    else if (textOf(each) !== text || each.status !== status) changes.push(`update subnet ${text}`);
  }
  for (const [each, text] of ranges) if (rangeText(each) !== text) changes.push(`update range ${text}`);
  const moves: Record<string, number> = {};
  for (const [each, { text, home }] of addresses) {
    const becomes = held.has(each) ? space.homeOf(each) : undefined;
    if (!held.has(each)) changes.push(`delete address ${text}`);
    else if (ipText(each.ip) !== text) changes.push(`update address ${text}`);
    else if (home && becomes && becomes !== home) {
      const move = `${subnets.get(home)?.text} to ${textOf(becomes)}`;
      moves[move] = (moves[move] ?? 0) + 1;
    }
  }
  return {
    subnets: result.map(textOf).sort(),
    changes: changes.sort(),
    rehomed: Object.entries(moves)
      .map(([move, n]) => `${move}: ${n}`)
      .sort(),
  };
}

/** What no child of a subnet covers, whatever addresses lie there. */
function uncovered(space: SpaceModel, subnet: ModelSubnet): Span[] {
  const spans: Span[] = [];
  let at = subnet.block.first;
  const children = space.childrenOf(subnet).sort((a, b) => (a.block.first < b.block.first ? -1 : 1));
  for (const { block } of children) {
    if (at < block.first) spans.push({ first: at, last: block.first - 1n });
    at = lastOf(block) + 1n;
  }
  if (at <= lastOf(subnet.block)) spans.push({ first: at, last: lastOf(subnet.block) });
  return spans;
}

export function split(
  space: SpaceModel,
  subnet: ModelSubnet,
  lengths: number | readonly number[],
): ModelSubnet[] {
  const { vrf, block } = subnet;
  const parts: ModelSubnet[] = [];
  const part = (each: Block) => {
    if (!space.subnets.has(keyOf(vrf, each))) space.createSubnet(vrf, each);
    parts.push(space.subnets.get(keyOf(vrf, each)) as ModelSubnet);
  };
  if (typeof lengths === 'number') {
    if (2 ** (lengths - block.length) > 1024) throw new Refused('invalid');
    if (space.childrenOf(subnet).some((each) => each.block.length < lengths))
      throw new Refused('subnet-in-the-way');
    const size = sizeOf({ ...block, length: lengths });
    for (let first = block.first; first <= lastOf(block); first += size)
      part({ ...block, first, length: lengths });
  } else {
    for (const length of lengths) {
      const [found] = uncovered(space, subnet).flatMap((span) => blockIn(block.family, span, length) ?? []);
      if (!found) throw new Refused('insufficient-space');
      part(found);
    }
  }
  if (uncovered(space, subnet).length === 0) subnet.status = 'container';
  return parts;
}

export function merge(
  space: SpaceModel,
  subnet: ModelSubnet,
  members: readonly ModelSubnet[],
): ModelSubnet[] {
  if (members.every((each) => each === subnet)) throw new Refused('invalid');
  const all = [...new Set([subnet, ...members])];
  const parent = space.above(subnet.vrf, subnet.block);
  const areSiblings = all.every(
    ({ vrf, block }) =>
      vrf === subnet.vrf && block.family === subnet.block.family && space.above(vrf, block) === parent,
  );
  const size = all.reduce((sum, { block }) => sum + sizeOf(block), 0n);
  const family = subnet.block.family;
  const whole = Array.from({ length: subnet.block.length + 1 }, (_, length) =>
    around({ family, value: subnet.block.first }, length),
  ).find((block) => sizeOf(block) === size && all.every((each) => holds(block, each.block)));
  if (!areSiblings || !whole) throw new Refused('not-mergeable');
  const others = all.filter((each) => each !== subnet);
  for (const { vrf, block } of others) space.subnets.delete(keyOf(vrf, block));
  space.subnets.delete(keyOf(subnet.vrf, subnet.block));
  if (parent && blockText(parent.block) === blockText(whole)) {
    if (parent.status === 'container') parent.status = subnet.status;
    return [parent];
  }
  subnet.block = whole;
  space.subnets.set(keyOf(subnet.vrf, whole), subnet);
  return [subnet];
}

export function resize(space: SpaceModel, subnet: ModelSubnet, to: Block): ModelSubnet[] {
  const { vrf, block } = subnet;
  if (blockText(to) === blockText(block)) return [subnet];
  if (!holds(to, block) && !holds(block, to)) throw new Refused('invalid');
  if (space.subnets.has(keyOf(vrf, to))) throw new Refused('subnet-taken');
  if (holds(block, to)) {
    const outside = space.heldBy(subnet).filter(({ ip }) => !holds(to, hostBlock(ip)));
    const losesChild = space.childrenOf(subnet).some((each) => !inside(to, each.block));
    const losesRange = [...space.ranges.values()].some(
      (each) => space.homeOfRange(each) === subnet && !holdsRange(to, each),
    );
    if (losesChild || losesRange || outside.some(({ status }) => status !== 'free'))
      throw new Refused('resize-loses');
    if (!space.above(vrf, block)) for (const { ip } of outside) space.forget(vrf, ip);
  }
  space.subnets.delete(keyOf(vrf, block));
  subnet.block = to;
  space.subnets.set(keyOf(vrf, to), subnet);
  return [subnet];
}

export function renumber(space: SpaceModel, subnet: ModelSubnet, to: Block): ModelSubnet[] {
  const { vrf, block } = subnet;
  if (to.family !== block.family || to.length !== block.length) throw new Refused('invalid');
  const branch = [...space.subnets.values()].filter((each) => each.vrf === vrf && holds(block, each.block));
  if (to.first === block.first) return branch;
  const those = (where: Block): ModelAddress[] =>
    [...space.addresses.values()].filter((each) => each.vrf === vrf && holds(where, hostBlock(each.ip)));
  const isTaken =
    [...space.subnets.values()].some((each) => each.vrf === vrf && holds(to, each.block)) ||
    those(to).some(({ status }) => status !== 'free') ||
    space.rangesIn({ ...subnet, block: to }).length > 0;
  if (isTaken) throw new Refused('target-not-empty');
  for (const { ip } of those(to)) space.forget(vrf, ip);
  const offset = to.first - block.first;
  const addresses = those(block);
  for (const each of branch) space.subnets.delete(keyOf(vrf, each.block));
  for (const { ip } of addresses) space.forget(vrf, ip);
  for (const each of branch) {
    each.block = { ...each.block, first: each.block.first + offset };
    space.subnets.set(keyOf(vrf, each.block), each);
  }
  for (const each of addresses) {
    each.ip = { ...each.ip, value: each.ip.value + offset };
    space.addresses.set(`${vrf} ${ipText(each.ip)}`, each);
  }
  for (const [key, each] of [...space.ranges]) {
    if (each.vrf !== vrf || !holdsRange(block, each)) continue;
    space.ranges.delete(key);
    each.first += offset;
    each.last += offset;
    space.ranges.set(`${vrf} ${each.family} ${each.first}`, each);
  }
  return branch;
}
