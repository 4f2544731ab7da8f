import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { inParallel } from './in-parallel.ts';

describe('working on many at a time', () => {
  it('hands out the result of every item once, and never works on more than there are places', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
        fc.boolean(),
        async (places, delays, isAsync) => {
          let working = 0;
          let most = 0;
          async function* slowly() {
            for (const [nth, delay] of delays.entries()) {
              if (delay === 3) await pause(0);
              yield [nth, delay] as const;
            }
          }
          const source = isAsync ? slowly() : delays.entries();
          const results: number[] = [];
          const work = inParallel<readonly [number, number], number>(
            source,
            places,
            async ([nth, delay], { put }) => {
              working += 1;
              most = Math.max(most, working);
              for (let turn = 0; turn < delay; turn += 1) await null;
              put(nth);
              working -= 1;
            },
          );
          for await (const result of work) results.push(result);
          assert.deepEqual(
            results.sort((a, b) => a - b),
            delays.map((_, nth) => nth),
          );
          assert.ok(most <= places);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads no further than its places while results wait to be taken', async () => {
    let read = 0;
    function* endless() {
      for (;;) yield read++;
    }
    const work = inParallel<number, number>(endless(), 4, async (nth, { put }) => put(nth));
    for (let nth = 0; nth < 50; nth += 1) await work.next();
    await pause(5);
    assert.ok(read <= 50 + 8, `${read} read for 50 taken`);
    await work.return(undefined);
  });

  it('lets the next begin where one only waits', async () => {
    const began: number[] = [];
    const work = inParallel<number, number>([1, 2], 1, async (nth, { put, yieldPlace }) => {
      began.push(nth);
      if (nth === 1) {
        yieldPlace();
        while (began.length < 2) await pause(1);
      }
      put(nth);
    });
    const results: number[] = [];
    for await (const result of work) results.push(result);
    assert.deepEqual(results, [2, 1]);
  });

  it('ends with what a piece or the source throws, and closes the source', async () => {
    let isClosed = false;
    function* source() {
      try {
        yield 1;
        yield 2;
        yield 3;
      } finally {
        isClosed = true;
      }
    }
    const failing = inParallel<number, number>(source(), 1, async () => {
      throw new Error('broken');
    });
    await assert.rejects(failing.next(), /broken/);
    assert.ok(isClosed);
    // biome-ignore lint/correctness/useYield: a source that fails before its first item
    async function* brokenSource(): AsyncGenerator<number> {
      throw new Error('no source');
    }
    await assert.rejects(inParallel(brokenSource(), 2, async () => {}).next(), /no source/);
  });
});
