import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { coalesce } from './coalesce.ts';

describe('coalesced calls', () => {
  /** Doubles numbers, after a while; remembers its batches. */
  function doubling(most = 64) {
    const batches: number[][] = [];
    const double = coalesce(async (_key: string, members: readonly number[]) => {
      batches.push([...members]);
      await sleep(5);
      if (members.includes(13)) throw new Error('13 is not doubled');
      return members.map((member) => member * 2);
    }, most);
    return { batches, double };
  }

  it('go together where they arrive together, and each gets its own answer', async () => {
    const { batches, double } = doubling();
    assert.deepEqual(await Promise.all([1, 2, 3].map((n) => double('a', n))), [2, 4, 6]);
    assert.deepEqual(batches, [[1, 2, 3]]);
  });

  it('wait for the batch under way, and then all go in the next', async () => {
    const { batches, double } = doubling();
    const first = double('a', 1);
    await sleep(2);
    const later = [2, 3].map((n) => double('a', n));
    assert.deepEqual(await Promise.all([first, ...later]), [2, 4, 6]);
    assert.deepEqual(batches, [[1], [2, 3]]);
  });

  it('of different keys do not wait for each other', async () => {
    const { batches, double } = doubling();
    await Promise.all([double('a', 1), double('b', 2)]);
    assert.deepEqual(batches, [[1], [2]]);
  });

  it('are never more in a batch than they may be', async () => {
    const { batches, double } = doubling(2);
    await Promise.all([1, 2, 3, 4, 5].map((n) => double('a', n)));
    assert.deepEqual(batches, [[1, 2], [3, 4], [5]]);
  });

  it('are on their way before the answers of the batch before them are given', async () => {
    const { batches, double } = doubling();
    let underWay = 0;
    const first = double('a', 1).then(() => {
      underWay = batches.length;
    });
    await sleep(2);
    await Promise.all([first, double('a', 2)]);
    assert.equal(underWay, 2);
  });

  it('are run one by one where their batch fails, so that the bad one fails alone', async () => {
    const { batches, double } = doubling();
    const outcomes = await Promise.allSettled([1, 13, 3].map((n) => double('a', n)));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
      [2, '13 is not doubled', 6],
    );
    assert.deepEqual(batches, [[1, 13, 3], [1], [13], [3]]);
  });

  it('all fail at once where nothing can be had just now', async () => {
    let runs = 0;
    const call = coalesce(async () => {
      runs += 1;
      throw kernelErrors.unavailable('busy');
    }, 64);
    const outcomes = await Promise.allSettled([1, 2, 3].map((n) => call('a', n)));
    assert.deepEqual([runs, outcomes.map(({ status }) => status)], [1, ['rejected', 'rejected', 'rejected']]);
  });

  it('go on after a failure', async () => {
    const { double } = doubling();
    await assert.rejects(double('a', 13), /13 is not doubled/);
    assert.equal(await double('a', 4), 8);
  });
});
