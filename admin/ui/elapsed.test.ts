import assert from 'node:assert/strict';
import { agoText, elapsedText } from './elapsed.ts';

describe('how long something takes, for a person', () => {
  it('is told in the largest unit that fits, rounded down', () => {
    const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
    const stretches = [59 * second, minute, 59 * minute, hour, 47 * hour, 2 * day, 400 * day, -second];
    assert.deepEqual(stretches.map(elapsedText), [
      '59 seconds',
      '1 minute',
      '59 minutes',
      '1 hour',
      '47 hours',
      '2 days',
      '400 days',
      '0 seconds',
    ]);
  });

  it('is no news under a minute', () => {
    assert.deepEqual([5_000, 60_000].map(agoText), ['just now', '1 minute ago']);
  });
});
