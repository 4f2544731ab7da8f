import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import { bitsOf, formatIp } from './address.ts';
import {
  type Block,
  blockAround,
  blockSize,
  blocksOfLength,
  contains,
  formatBlock,
  lastOf,
  maximalBlocks,
  readBlock,
  type Span,
  usableSpan,
} from './block.ts';

const family = fc.constantFrom(4, 6) as fc.Arbitrary<4 | 6>;
const top = (of: 4 | 6) => (1n << BigInt(bitsOf(of))) - 1n;
const ip = family.chain((of) => fc.bigInt(0n, top(of)).map((value) => ({ family: of, value })));
const block = ip.chain((at) =>
  fc.integer({ min: 0, max: bitsOf(at.family) }).map((length) => blockAround(at, length)),
);
/** Runs that are short, long, or touch the ends of the address space. */
const span = family.chain((of) => {
  const edge = fc.oneof(
    fc.bigInt(0n, top(of)),
    fc.bigInt(0n, 300n),
    fc.bigInt(0n, 300n).map((n) => top(of) - n),
  );
  return fc
    .tuple(edge, edge)
    .map(([a, b]): Span => ({ family: of, first: a < b ? a : b, last: a < b ? b : a }));
});

describe('blocks', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(block, (each) => {
        const isMapped = each.family === 6 && each.first >> 32n === 0xffffn;
        if (!isMapped) assert.deepEqual(readBlock(formatBlock(each)), { ok: true, value: each });
      }),
    );
  });

  it('hold what Node says they hold', () => {
    fc.assert(
      fc.property(block, fc.bigInt(-2n, 2n), fc.boolean(), (each, offset, atEnd) => {
        const value = (atEnd ? lastOf(each) : each.first) + offset;
        if (value < 0n || value > top(each.family)) return;
        const kind = each.family === 4 ? 'ipv4' : 'ipv6';
        const list = new BlockList();
        list.addSubnet(formatIp({ family: each.family, value: each.first }), each.length, kind);
        const host: Block = { family: each.family, first: value, length: bitsOf(each.family) };
        assert.equal(contains(each, host), list.check(formatIp({ family: each.family, value }), kind));
      }),
    );
  });

  it('with host bits set are refused, with the one that was meant', () => {
    fc.assert(
      fc.property(block, fc.bigInt(1n, 1000n), (each, offset) => {
        const value = each.first + (offset % blockSize(each.family, each.length));
        const isMapped = each.family === 6 && value >> 32n === 0xffffn;
        if (value === each.first || isMapped) return;
        const text = `${formatIp({ family: each.family, value })}/${each.length}`;
        assert.deepEqual(readBlock(text), {
          ok: false,
          why: `"${text}" has host bits set; did you mean ${formatBlock(each)}?`,
        });
      }),
    );
  });

  for (const text of [
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '::/129',
    '10.0.0.0/1e1',
    '/8',
    '10.0.0.0/+8',
    '::ffff:0:0/96',
  ]) {
    it(`are not "${text}"`, () => assert.equal(readBlock(text).ok, false));
  }

  it('cut out of a run cover it exactly, aligned, and cannot be fewer', () => {
    fc.assert(
      fc.property(span, (run) => {
        let at = run.first;
        let before: Block | undefined;
        for (const each of maximalBlocks(run)) {
          assert.equal(each.first, at);
          assert.equal(each.first % blockSize(each.family, each.length), 0n, 'aligned');
          // Two that follow each other and are the halves of one block would have been that block.
          const isHalf =
            before?.length === each.length && before.first % blockSize(each.family, each.length - 1) === 0n;
          assert.ok(!isHalf, 'minimal');
          at = lastOf(each) + 1n;
          before = each;
        }
        assert.equal(at, run.last + 1n);
      }),
    );
  });

  it('of one length inside a run are all there are', () => {
    fc.assert(
      fc.property(span, fc.integer({ min: 0, max: 6 }), (run, host) => {
        const length = bitsOf(run.family) - host;
        const size = blockSize(run.family, length);
        if (run.last - run.first > 2000n) return;
        const wanted: bigint[] = [];
        for (let at = run.first; at + size - 1n <= run.last; at += 1n) if (at % size === 0n) wanted.push(at);
        assert.deepEqual(
          [...blocksOfLength(run, length)].map(({ first }) => first),
          wanted,
        );
      }),
    );
  });

  for (const [cidr, first, last] of [
    ['10.0.0.0/24', 1n, 254n],
    ['10.0.0.0/30', 1n, 2n],
    ['10.0.0.0/31', 0n, 1n],
    ['10.0.0.7/32', 0n, 0n],
    ['0.0.0.0/0', 1n, 2n ** 32n - 2n],
    ['2001:db8::/64', 1n, 2n ** 64n - 1n],
    ['2001:db8::/126', 1n, 3n],
    ['2001:db8::/127', 0n, 1n],
    ['::1/128', 0n, 0n],
  ] as const) {
    it(`of ${cidr} leave out what is no host`, () => {
      const read = readBlock(cidr);
      assert.ok(read.ok);
      const usable = usableSpan(read.value, false);
      assert.deepEqual([usable.first - read.value.first, usable.last - read.value.first], [first, last]);
      assert.equal(usableSpan(read.value, true).last, lastOf(read.value));
    });
  }
});
