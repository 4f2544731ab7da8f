import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type RateClock, RateLimiter } from './rate.ts';

/** Time that passes only by sleeping. */
class SteppedClock implements RateClock {
  time = 0;
  now(): number {
    return this.time;
  }
  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
  }
}

describe('the rate of packets', () => {
  it('lets no more go in any time than the rate allows and 20 ms at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 120 }),
        async (rate, pauses) => {
          const clock = new SteppedClock();
          const limiter = new RateLimiter(rate, clock);
          const times: number[] = [];
          for (const pause of pauses) {
            clock.time += pause > 40 ? pause * 10 : 0;
            await limiter.take();
            times.push(clock.time);
          }
          const burst = Math.max(1, (rate * 20) / 1000);
          for (const [from, begin] of times.entries()) {
            for (let to = from; to < times.length; to += 1) {
              const allowed = burst + ((times[to] as number) - begin) * (rate / 1000);
              assert.ok(to - from + 1 <= allowed + 1e-6, `${to - from + 1} packets, allowed ${allowed}`);
            }
          }
        },
      ),
    );
  });

  it('holds nobody up longer than it must', async () => {
    const clock = new SteppedClock();
    const limiter = new RateLimiter(200, clock);
    for (let nth = 0; nth < 1000; nth += 1) await limiter.take();
    assert.ok(clock.time >= 4900 && clock.time <= 5000, `${clock.time} ms for 1000 packets of 200/s`);
  });

  it('lets those who wait go in the order in which they asked', async () => {
    const limiter = new RateLimiter(200);
    const order: number[] = [];
    await Promise.all(Array.from({ length: 20 }, (_, nth) => limiter.take().then(() => order.push(nth))));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });

  it('limits nothing at 0', async () => {
    const clock = new SteppedClock();
    const limiter = new RateLimiter(0, clock);
    for (let nth = 0; nth < 10_000; nth += 1) await limiter.take();
    assert.equal(clock.time, 0);
  });

  it('ends waiting when the signal fires', async () => {
    const limiter = new RateLimiter(0.1);
    const ended = new AbortController();
    await limiter.take(ended.signal);
    const waiting = limiter.take(ended.signal);
    ended.abort(new Error('cancelled'));
    await assert.rejects(waiting, /cancelled/);
  });
});
