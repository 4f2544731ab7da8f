import { sleep } from './sleep.ts';

/** What a limiter knows of time, in milliseconds. `sleep` rejects with the signal's reason when it fires. */
export interface RateClock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

const systemClock: RateClock = { now: () => performance.now(), sleep };

/** How many milliseconds' worth of packets may go at once, since timers are no finer. */
const burstMs = 20;

/**
 * A token bucket, kept as the moment at which the next packet may go (GCRA, ITU-T I.371): packets wait in the order in which they ask,
 * and over any time no more go than the rate allows, but for 20 ms' worth at once.
 */
export class RateLimiter {
  readonly #interval: number;
  readonly #tolerance: number;
  readonly #clock: RateClock;
  #next = Number.NEGATIVE_INFINITY;

  /** `packetsPerSecond` of 0 limits nothing. */
  constructor(packetsPerSecond: number, clock: RateClock = systemClock) {
    this.#interval = packetsPerSecond > 0 ? 1000 / packetsPerSecond : 0;
    this.#tolerance = Math.max(0, burstMs - this.#interval);
    this.#clock = clock;
  }

  /** Waits until one packet may go; throws the signal's reason when that fires first. */
  async take(signal?: AbortSignal): Promise<void> {
    const delay = this.delay();
    if (delay > 0) await this.#clock.sleep(delay, signal);
  }

  /** How many milliseconds one packet has to wait, which then is expected to go. */
  delay(): number {
    if (this.#interval === 0) return 0;
    const now = this.#clock.now();
    const due = Math.max(this.#next, now - this.#tolerance);
    this.#next = due + this.#interval;
    return Math.max(0, due - now);
  }
}
