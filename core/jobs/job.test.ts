import assert from 'node:assert/strict';
import { nextOccurrence } from './job.ts';

describe('the next occurrence', () => {
  const following = (every: string, at: string) => nextOccurrence(every, new Date(at)).toISOString();

  it('of five fields is at a whole minute, of six at a second, in UTC', () => {
    assert.equal(following('* * * * *', '2026-03-01T12:00:00Z'), '2026-03-01T12:01:00.000Z');
    assert.equal(following('30 2 * * *', '2026-03-29T02:30:00Z'), '2026-03-30T02:30:00.000Z');
    assert.equal(following('*/5 * * * * *', '2026-03-01T12:00:04.999Z'), '2026-03-01T12:00:05.000Z');
    assert.equal(following('*/5 * * * * *', '2026-03-01T12:00:05Z'), '2026-03-01T12:00:10.000Z');
  });

  it('is not guessed from what is no cron expression of five or six fields', () => {
    for (const every of ['', '@daily', '* * * *', '* * * * * * *', '61 * * * *', 'a b c d e']) {
      assert.throws(() => nextOccurrence(every, new Date()), Error, every);
    }
  });
});
