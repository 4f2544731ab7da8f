import { connect, type Socket } from 'node:net';
import { RateLimiter } from './rate.ts';
import { sleep } from './sleep.ts';

export type State = 'open' | 'refused' | 'silent';

/** What became of one port: `error` where the prober could not ask. */
export type Answer = { readonly state: State; readonly rttMs?: number } | { readonly error: string };

/** How it is knocked: `places` addresses at a time. */
export interface Manner {
  readonly ports: readonly number[];
  readonly timeoutMs: number;
  readonly attempts: number;
  /** 0: unlimited. */
  readonly packetsPerSecond: number;
  readonly places: number;
}

/** Who asks addresses in a sweep; `busy` is how many it has been given and not answered. */
export interface Hand {
  readonly busy: number;
  /** Asks all ports until each has answered or the attempts are used up; answers in the order of the ports. */
  ask(address: string): Promise<readonly Answer[]>;
  /** Ends what is under way; who waits for an answer gets the reason. */
  close(reason: unknown): void;
}

/** An address that is asked, or waits for its turn. */
interface Visit {
  readonly address: string;
  readonly answers: Answer[];
  missing: number;
  resolve(answers: Answer[]): void;
  reject(reason: unknown): void;
}

/** A port that is asked. */
interface Knock {
  readonly visit: Visit;
  readonly nth: number;
  attempt: number;
  pauses: number;
  until: number;
  socket: Socket | undefined;
}

/** Nobody answered, or somebody else said that nobody is there: that is silence. */
const silentCodes = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN']);
const refusedCodes = new Set(['ECONNREFUSED', 'ECONNRESET']);
const shortCodes = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'EADDRNOTAVAIL']);
const shortPauseMs = 100;
const mostPauses = 10;

/** Each attempt waits so many times longer than the one before. */
const backOff = 1.5;

/**
 * Knocks at ports, every connection reset at once. Callbacks, and one timer for all: a connection costs little more than the kernel's share.
 */
export class Knocks implements Hand {
  readonly #manner: Manner;
  readonly #limiter: RateLimiter;
  readonly #end = new AbortController();
  readonly #waiting: Visit[] = [];
  /** Those asked, by attempt. Attempts of one number wait equally long, so each list begins with whose time is up first. */
  readonly #asked: Set<Knock>[];
  readonly #visits = new Set<Visit>();
  #clock: NodeJS.Timeout | undefined;
  /** How many addresses are asked at a time, at most. */
  places: number;

  constructor(manner: Manner) {
    this.#manner = manner;
    this.places = manner.places;
    this.#limiter = new RateLimiter(manner.packetsPerSecond);
    this.#asked = Array.from({ length: manner.attempts }, () => new Set());
  }

  get busy(): number {
    return this.#visits.size + this.#waiting.length;
  }

  /** How many addresses are being asked. */
  get open(): number {
    return this.#visits.size;
  }

  ask(address: string): Promise<readonly Answer[]> {
    const { signal } = this.#end;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const { length } = this.#manner.ports;
      this.#waiting.push({ address, answers: new Array(length), missing: length, resolve, reject });
      this.#go();
    });
  }

  close(reason: unknown): void {
    this.#end.abort(reason);
    clearTimeout(this.#clock);
    for (const list of this.#asked) for (const { socket } of list) socket?.destroy();
    for (const visit of [...this.#visits, ...this.#waiting]) visit.reject(reason);
    for (const list of [this.#visits, ...this.#asked]) list.clear();
    this.#waiting.length = 0;
  }

  #go(): void {
    while (this.#visits.size < this.places) {
      const visit = this.#waiting.shift();
      if (!visit) return;
      this.#visits.add(visit);
      for (let nth = 0; nth < visit.missing; nth += 1) {
        this.#knock({ visit, nth, attempt: 0, pauses: 0, until: 0, socket: undefined });
      }
    }
  }

  /** Knocks once, when the rate allows. */
  #knock(knock: Knock): void {
    const delay = this.#limiter.delay();
    if (delay === 0) this.#connect(knock);
    else this.#later(delay, () => this.#connect(knock));
  }

  #connect(knock: Knock): void {
    const { visit, nth, attempt } = knock;
    const host = visit.address;
    const port = this.#manner.ports[nth] as number;
    const asked = this.#asked[attempt] as Set<Knock>;
    const patience = this.#manner.timeoutMs * backOff ** attempt;
    const began = performance.now();
    const socket = connect({ host, port, noDelay: false });
    knock.socket = socket;
    knock.until = began + patience;
    asked.add(knock);
    this.#clock ??= setTimeout(this.#ring, patience);
    socket.on('connect', () => {
      asked.delete(knock);
      this.#answer(knock, { state: 'open', rttMs: performance.now() - began });
      socket.resetAndDestroy();
    });
    socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      if (!asked.delete(knock)) return;
      if (refusedCodes.has(code)) this.#answer(knock, { state: 'refused', rttMs: performance.now() - began });
      else if (silentCodes.has(code)) this.#silent(knock);
      else if (!shortCodes.has(code) || knock.pauses === mostPauses) this.#answer(knock, { error: message });
      else {
        knock.pauses += 1;
        this.#later(shortPauseMs, () => this.#knock(knock));
      }
    });
  }

  // Answers that came while this thread was busy are heard before anybody's time is up.
  #ring = () => setImmediate(this.#expire);

  #expire = () => {
    if (this.#end.signal.aborted) return;
    const now = performance.now();
    for (const list of this.#asked) {
      for (const knock of list) {
        if (knock.until > now) break;
        list.delete(knock);
        knock.socket?.destroy();
        this.#silent(knock);
      }
    }
    // Only now: who was silent for the last time made room for others, in a list that was through already.
    const next = Math.min(...this.#asked.map(([first]) => first?.until ?? Number.POSITIVE_INFINITY));
    this.#clock = next < Number.POSITIVE_INFINITY ? setTimeout(this.#ring, next - now) : undefined;
  };

  #silent(knock: Knock): void {
    knock.attempt += 1;
    if (knock.attempt < this.#manner.attempts) this.#knock(knock);
    else this.#answer(knock, { state: 'silent' });
  }

  #answer({ visit, nth }: Knock, answer: Answer): void {
    visit.answers[nth] = answer;
    visit.missing -= 1;
    if (visit.missing > 0) return;
    this.#visits.delete(visit);
    visit.resolve(visit.answers);
    this.#go();
  }

  #later(milliseconds: number, then: () => void): void {
    sleep(milliseconds, this.#end.signal).then(then, () => {});
  }
}
