import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Block, blockAround, blockOf, blockSize, contains, formatBlock, lastOf } from './block.ts';
import { blockOver, blocksBeside, cutBlocks, equalParts, nestedAlternative } from './cutting.ts';

const whole = blockOf('10.0.0.0/24');
/** Disjoint blocks inside the whole, lowest first. */
const inside = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 25, max: 32 })), { maxLength: 8 })
  .map((wanted) => {
    const blocks: Block[] = [];
    for (const [offset, length] of wanted) {
      const block = blockAround({ family: 4, value: whole.first + BigInt(offset) }, length);
      if (!blocks.some((each) => contains(each, block) || contains(block, each))) blocks.push(block);
    }
    return blocks.sort((a, b) => (a.first < b.first ? -1 : 1));
  });
const lengths = fc.array(fc.integer({ min: 25, max: 32 }), { maxLength: 20 });
const texts = (blocks: readonly Block[]) => blocks.map(formatBlock);

/** The lowest aligned blocks that overlap nothing, found by trying every place. */
function tried(taken: readonly Block[], wanted: readonly number[]): Block[] {
  const cut: Block[] = [];
  for (const length of wanted) {
    const found = equalParts(whole, length).find(
      (part) => ![...taken, ...cut].some((each) => contains(each, part) || contains(part, each)),
    );
    if (!found) break;
    cut.push(found);
  }
  return cut;
}

describe('cutting a block', () => {
  it('takes for each length the lowest aligned block that is free, in the order given', () => {
    fc.assert(
      fc.property(inside, lengths, (taken, wanted) => {
        assert.deepEqual(texts(cutBlocks(blocksBeside(whole, taken), wanted)), texts(tried(taken, wanted)));
      }),
    );
    assert.deepEqual(texts(cutBlocks([whole], [26, 25, 26])), [
      '10.0.0.0/26',
      '10.0.0.128/25',
      '10.0.0.64/26',
    ]);
  });

  it('leaves beside some blocks exactly the rest', () => {
    fc.assert(
      fc.property(inside, (taken) => {
        const all = [...taken, ...blocksBeside(whole, taken)].sort((a, b) => (a.first < b.first ? -1 : 1));
        let at = whole.first;
        for (const each of all) {
          assert.equal(each.first, at);
          at = lastOf(each) + 1n;
        }
        assert.equal(at, lastOf(whole) + 1n);
      }),
    );
  });

  it('into equal parts has all of them', () => {
    assert.deepEqual(texts(equalParts(blockOf('10.0.0.0/30'), 31)), ['10.0.0.0/31', '10.0.0.2/31']);
    assert.equal(equalParts(blockOf('2001:db8::/54'), 64).length, 1024);
  });
});

describe('the smallest block over some', () => {
  it('holds them all, and no half of it does', () => {
    fc.assert(
      fc.property(inside, (blocks) => {
        fc.pre(blocks.length > 0);
        const over = blockOver(blocks);
        assert.ok(blocks.every((each) => contains(over, each)));
        if (over.length === 32) return;
        const half = { ...over, length: over.length + 1 };
        const other = { ...half, first: over.first + blockSize(4, half.length) };
        for (const part of [half, other]) assert.ok(!blocks.every((each) => contains(part, each)));
      }),
    );
  });
});

describe('the block that was meant', () => {
  for (const [own, asked, meant] of [
    ['10.0.0.0/24', '10.0.2.0/23', '10.0.0.0/23'],
    ['10.0.0.0/24', '10.0.1.0/25', '10.0.0.0/25'],
    ['10.0.0.0/24', '10.0.1.0/24', undefined],
    ['10.0.0.0/24', '2001:db8::/32', undefined],
  ] as const) {
    it(`by ${asked} of ${own} is ${meant ?? 'not to be told'}`, () => {
      const found = nestedAlternative(blockOf(own), blockOf(asked));
      assert.equal(found && formatBlock(found), meant);
    });
  }
});
