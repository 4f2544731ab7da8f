import { type Answer, type Hand, Knocks, type Manner } from './knocks.ts';
import { mostThreads, readyThreads, startThreads, type Thread } from './threads.ts';

/** A sweep of so many addresses is worth the start of threads, and so often it is looked whether they are ready. */
const manyAddresses = 512;
const lookEvery = 64;

/** All who knock in one sweep: this thread, and where no rate holds a long sweep back, others. They share the places. */
export class Hands {
  readonly #manner: Manner;
  readonly #here: Knocks;
  readonly #others = new Map<Thread, Hand>();
  /** How many places each has, once there are others. */
  readonly #share: number;
  #asked = 0;
  #isClosed = false;

  constructor(manner: Manner) {
    this.#manner = manner;
    this.#here = new Knocks(manner);
    this.#share = Math.floor(manner.places / (mostThreads + 1));
  }

  /** Has an address asked by who has least to do, and here where that one ends before it has answered. */
  ask(address: string): Promise<readonly Answer[]> {
    if (this.#isClosed) return this.#here.ask(address);
    if (this.#asked++ % lookEvery === 0) this.#recruit();
    let least: Hand = this.#here;
    // Those begun here before others came still have their places.
    if (this.#here.open <= this.#share) {
      for (const other of this.#others.values()) if (other.busy < least.busy) least = other;
    }
    return least === this.#here
      ? least.ask(address)
      : least.ask(address).catch(() => this.#here.ask(address));
  }

  close(reason: unknown): void {
    this.#isClosed = true;
    for (const hand of [this.#here, ...this.#others.values()]) hand.close(reason);
  }

  #recruit(): void {
    if (this.#manner.packetsPerSecond > 0 || this.#share === 0) return;
    if (this.#asked > manyAddresses) startThreads();
    for (const thread of this.#others.keys()) if (thread.isGone) this.#others.delete(thread);
    for (const thread of readyThreads()) {
      if (this.#others.has(thread)) continue;
      this.#others.set(thread, thread.join({ ...this.#manner, places: this.#share }));
    }
    this.#here.places = this.#others.size === 0 ? this.#manner.places : this.#share;
  }
}
