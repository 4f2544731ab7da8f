import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Packed, unpack } from './answers.ts';
import type { Answer, Hand, Manner } from './knocks.ts';
import type { Order } from './thread.ts';

/** A thread for each processor but that of this one, three at most. */
export const mostThreads = Math.min(3, availableParallelism() - 1);

/** A thread that is not used for so long ends. */
const idleMs = 10_000;

/** Those of a sweep whose answers a thread owes. */
interface Sweep {
  readonly calls: Map<number, { resolve(answers: readonly Answer[]): void; reject(reason: unknown): void }>;
}

/** Another thread that knocks, for any number of sweeps at a time. */
export class Thread {
  readonly #worker: Worker;
  readonly #sweeps = new Map<number, Sweep>();
  #begun = 0;
  #idle: NodeJS.Timeout | undefined;
  #state: 'starting' | 'ready' | 'gone' = 'starting';

  constructor() {
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), { name: 'tcp', execArgv: [] });
    this.#worker.on('message', (message: 'ready' | ({ sweep: number } & Packed)) => {
      if (message === 'ready') this.#state = 'ready';
      else this.#take(message);
    });
    this.#worker.on('error', () => {}); // its exit follows
    this.#worker.on('exit', () => this.#gone());
    this.#rest();
  }

  /** Whether it can be given work. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Whether it has ended, by itself or otherwise. */
  get isGone(): boolean {
    return this.#state === 'gone';
  }

  /** Has it knock in a sweep. What it was asked and has not answered when it ends is rejected. */
  join(manner: Manner): Hand {
    const sweep = ++this.#begun;
    const calls: Sweep['calls'] = new Map();
    let asked = 0;
    let addresses: string[] = [];
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#sweeps.set(sweep, { calls });
    this.#tell({ sweep, manner });
    return {
      get busy() {
        return calls.size;
      },
      ask: (address) =>
        new Promise((resolve, reject) => {
          if (!this.#sweeps.has(sweep)) return reject(new Error('The thread has ended.'));
          calls.set(asked++, { resolve, reject });
          if (addresses.push(address) > 1) return;
          // Those of this turn together.
          queueMicrotask(() => {
            this.#tell({ sweep, addresses });
            addresses = [];
          });
        }),
      close: (reason) => {
        if (!this.#sweeps.delete(sweep)) return;
        this.#tell({ sweep, isOver: true });
        for (const { reject } of calls.values()) reject(reason);
        if (this.#sweeps.size === 0) this.#rest();
      },
    };
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(order: Order): void {
    this.#worker.postMessage(order);
  }

  #take({ sweep, ...packed }: { sweep: number } & Packed): void {
    const calls = this.#sweeps.get(sweep)?.calls;
    if (!calls) return;
    for (const { nth, answers } of unpack(packed)) {
      calls.get(nth)?.resolve(answers);
      calls.delete(nth);
    }
  }

  /** Unused, it keeps no process from ending, and ends itself after a while. */
  #rest(): void {
    this.#worker.unref();
    this.#idle = setTimeout(() => void this.stop(), idleMs).unref();
  }

  #gone(): void {
    this.#state = 'gone';
    clearTimeout(this.#idle);
    const owed = [...this.#sweeps.values()].flatMap(({ calls }) => [...calls.values()]);
    this.#sweeps.clear();
    for (const { reject } of owed) reject(new Error('The thread has ended.'));
  }
}

let threads: Thread[] = [];

/** Sees to it that there are threads, where this process may have any; they are of use when they are ready. */
export function startThreads(): void {
  threads = threads.filter(({ isGone }) => !isGone);
  try {
    while (threads.length < mostThreads) threads.push(new Thread());
  } catch {
    // Without them all is asked by this one.
  }
}

/** The threads that can be given work. */
export function readyThreads(): readonly Thread[] {
  return threads.filter(({ isReady }) => isReady);
}

/** Ends all threads at once; sweeps under way go on without. */
export async function stopThreads(): Promise<void> {
  await Promise.all(threads.map((thread) => thread.stop()));
}
