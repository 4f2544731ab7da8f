import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bitsOf, formatIp, readAnyIp } from './address.ts';
import { type MapRow, type MapRun, mapAddresses } from './address-map.ts';
import { type Block, blockAround, blockOf, lastOf, usableSpan } from './block.ts';

const statuses = ['free', 'reserved', 'assigned', 'quarantined', 'deprecated'] as const;

/** Disjoint runs in order, some of which reach beyond both ends of the part. */
const runs = fc
  .uniqueArray(fc.integer({ min: -20, max: 340 }), { maxLength: 12 })
  .map((edges) => edges.sort((a, b) => a - b))
  .map((edges) =>
    edges.flatMap((first, nth): MapRun[] =>
      nth % 2 === 0 && edges[nth + 1] !== undefined
        ? [{ id: nth + 1, first, last: (edges[nth + 1] as number) - 1 }]
        : [],
    ),
  );
const rows = fc.uniqueArray(
  fc.record({
    at: fc.integer({ min: 0, max: 255 }),
    id: fc.integer({ min: 1, max: 999 }),
    status: fc.constantFrom(...statuses),
    cooling: fc.boolean(),
    hostname: fc.option(fc.constant('host')),
    role: fc.option(fc.constantFrom('gateway', 'vip')),
  }),
  { selector: ({ at }) => at, maxLength: 40 },
);
const place = fc.tuple(fc.constantFrom(4, 6), fc.integer({ min: 0, max: 9 })).chain(([family, host]) =>
  fc.bigInt(0n, (1n << BigInt(bitsOf(family as 4 | 6))) - 1n).map((value) => {
    const of = family as 4 | 6;
    return blockAround({ family: of, value }, bitsOf(of) - host);
  }),
);
/** A part of a block, of at most 256 addresses, that may begin anywhere in it. */
const parts = fc.tuple(place, fc.nat(), fc.nat()).map(([block, a, b]) => {
  const size = lastOf(block) - block.first + 1n;
  const first = block.first + (BigInt(a) % size);
  const room = lastOf(block) - first + 1n;
  const most = room < 256n ? room : 256n;
  return { block, part: { family: block.family, first, last: first + (BigInt(b) % most) } };
});

/** The same by asking of each address alone. */
function one(
  block: Block,
  withEdges: boolean,
  value: bigint,
  at: number,
  rows: readonly MapRow[],
  children: readonly MapRun[],
  ranges: readonly MapRun[],
) {
  const covers = ({ first, last }: MapRun) => first <= at && at <= last;
  const address = formatIp({ family: block.family, value });
  const child = children.find(covers);
  if (child) return { address, state: 'subnet', subnetId: child.id };
  const row = rows.find((each) => each.at === at);
  const range = ranges.find(covers);
  const usable = usableSpan(block, withEdges);
  const natural =
    value < usable.first
      ? 'network'
      : value > usable.last
        ? 'broadcast'
        : row?.cooling && row.status === 'free'
          ? 'cooling'
          : 'free';
  return {
    address,
    state: row && row.status !== 'free' ? row.status : natural,
    ...(row ? { id: row.id } : {}),
    ...(row?.hostname ? { hostname: row.hostname } : {}),
    ...(row?.role === 'gateway' ? { role: 'gateway' } : {}),
    ...(range ? { rangeId: range.id } : {}),
  };
}

describe('the grid of a subnet', () => {
  it('has of every address what is true of it alone', () => {
    fc.assert(
      fc.property(
        parts,
        fc.boolean(),
        rows,
        runs,
        runs,
        ({ block, part }, withEdges, held, children, ranges) => {
          const sorted = held
            .toSorted((a, b) => a.at - b.at)
            .map((row) => ({ ...row, cooling: row.cooling && row.status === 'free' }));
          const items = mapAddresses(block, withEdges, part, { rows: sorted, children, ranges });
          assert.equal(items.length, Number(part.last - part.first) + 1);
          for (const [at, item] of items.entries())
            assert.deepEqual(
              item,
              one(block, withEdges, part.first + BigInt(at), at, sorted, children, ranges),
            );
        },
      ),
    );
  });

  it('writes addresses up to both ends of the address space', () => {
    for (const cidr of [
      '0.0.0.0/28',
      '127.255.255.240/28',
      '255.255.255.240/28',
      '::/124',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124',
    ]) {
      const block = blockOf(cidr);
      const items = mapAddresses(
        block,
        true,
        { family: block.family, first: block.first, last: lastOf(block) },
        { rows: [], children: [], ranges: [] },
      );
      assert.deepEqual(
        items.map(({ address }) => {
          const ip = readAnyIp(address);
          return ip.ok && ip.value.value - block.first;
        }),
        Array.from({ length: 16 }, (_, n) => BigInt(n)),
      );
    }
  });
});
