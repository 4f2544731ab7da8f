import assert from 'node:assert/strict';
import { reservedIn } from './reserved.ts';
import {
  addressAt,
  alignedMiddle,
  largestFirst,
  middleOf,
  type Run,
  sizeOf,
  sizeOfAll,
  startsIn,
  without,
} from './runs.ts';

const run = (first: number, last: number): Run => ({ first: BigInt(first), last: BigInt(last) });

describe('runs of addresses', () => {
  it('are counted with both ends', () => {
    assert.equal(sizeOf(run(5, 5)), 1n);
    assert.equal(sizeOfAll([run(1, 3), run(10, 10)]), 4n);
    assert.equal(sizeOfAll([]), 0n);
  });

  it('lose what holes cover, however these lie', () => {
    const cut = (holes: Run[]) => without([run(0, 9), run(20, 29)], holes);
    assert.deepEqual(cut([]), [run(0, 9), run(20, 29)]);
    assert.deepEqual(cut([run(5, 22), run(3, 6)]), [run(0, 2), run(23, 29)]);
    assert.deepEqual(cut([run(0, 0), run(9, 9), run(29, 40)]), [run(1, 8), run(20, 28)]);
    assert.deepEqual(cut([run(2, 8), run(4, 5), run(4, 4)]), [run(0, 1), run(9, 9), run(20, 29)]);
    assert.deepEqual(cut([run(10, 19), run(30, 99)]), [run(0, 9), run(20, 29)]);
    assert.deepEqual(cut([run(0, 99)]), []);
  });

  it('give the address of a rank, through the gaps between them', () => {
    const runs = [run(3, 4), run(8, 8), run(20, 29)];
    assert.deepEqual(
      [0n, 1n, 2n, 3n, 12n].map((rank) => addressAt(runs, rank)),
      [3n, 4n, 8n, 20n, 29n],
    );
    assert.throws(() => addressAt(runs, 13n), /no address of rank 13/);
  });

  it('say where a longer run may begin in them', () => {
    assert.deepEqual(startsIn([run(0, 3), run(10, 11), run(20, 24)], 3n), [run(0, 1), run(20, 22)]);
  });

  it('have a middle; of two, the lower', () => {
    assert.equal(middleOf(run(0, 4), 1n), 2n);
    assert.equal(middleOf(run(0, 3), 1n), 1n);
    assert.equal(middleOf(run(0, 9), 4n), 3n);
    assert.equal(middleOf(run(7, 7), 1n), 7n);
  });

  it('have an aligned middle where a block fits', () => {
    assert.equal(alignedMiddle(run(1, 255), 1n), 128n);
    assert.equal(alignedMiddle(run(256, 65_535), 256n), 32_768n);
    assert.equal(alignedMiddle(run(256, 32_767), 256n), 16_384n);
    assert.equal(alignedMiddle(run(33_024, 65_535), 256n), 49_152n);
    assert.equal(alignedMiddle(run(1, 14), 8n), undefined);
    assert.equal(alignedMiddle(run(1, 15), 8n), 8n);
    assert.equal(alignedMiddle(run(0, 7), 8n), 0n);
  });

  it('are ordered by size, and by place where they are alike', () => {
    assert.deepEqual([run(8, 9), run(0, 1), run(3, 6)].toSorted(largestFirst), [
      run(3, 6),
      run(0, 1),
      run(8, 9),
    ]);
  });
});

describe('reserved interface identifiers', () => {
  const block = { first: 0x2001_0db8n << 96n, last: (0x2001_0db8n << 96n) + 2n ** 64n - 1n };
  const reserved = reservedIn(6, 64, block);
  const isReserved = (identifier: bigint) =>
    reserved.some(({ first, last }) => first <= block.first + identifier && block.first + identifier <= last);

  it('are those of the registry, to the address', () => {
    for (const [identifier, is] of [
      [0x0n, true],
      [0x1n, false],
      [0x0200_5eff_fdff_ffffn, false],
      [0x0200_5eff_fe00_0000n, true],
      [0x0200_5eff_fe00_5212n, true],
      [0x0200_5eff_fe00_5213n, true],
      [0x0200_5eff_feff_ffffn, true],
      [0x0200_5eff_ff00_0000n, false],
      [0xfdff_ffff_ffff_ff7fn, false],
      [0xfdff_ffff_ffff_ff80n, true],
      [0xfdff_ffff_ffff_ffffn, true],
      [0xfe00_0000_0000_0000n, false],
      [0xffff_ffff_ffff_ffffn, false],
    ] as const) {
      assert.equal(isReserved(identifier), is, identifier.toString(16));
    }
  });

  it('are a matter of a /64 alone', () => {
    assert.deepEqual(reservedIn(6, 63, block), []);
    assert.deepEqual(reservedIn(6, 65, block), []);
    assert.deepEqual(reservedIn(4, 24, block), []);
  });
});
