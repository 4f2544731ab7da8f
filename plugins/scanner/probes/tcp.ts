import { connect, type Socket } from 'node:net';
import { inParallel } from './in-parallel.ts';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';
import { RateLimiter } from './rate.ts';
import { routesOfNow } from './routes.ts';
import { sleep } from './sleep.ts';

type State = 'open' | 'refused' | 'silent';

/** What became of one attempt at one port: `error` where the prober could not ask, and `isShort` where it lacks sockets or memory. */
type Answer =
  | { readonly state: State; readonly rttMs?: number }
  | { readonly error: string; readonly isShort: boolean };

/** Nobody answered, or somebody else said that nobody is there: that is silence. */
const silentCodes = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN']);
const refusedCodes = new Set(['ECONNREFUSED', 'ECONNRESET']);
const shortCodes = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'EADDRNOTAVAIL']);
const shortPauseMs = 100;
const mostPauses = 10;

/**
 * Connects to the ports; open and refused both mean that somebody is there, and every connection is reset at once. `unknown` where a port
 * could not be asked and none answered, with the ports that could not left out. Throws the signal's reason when that fires.
 */
export const tcpProbe: Probe = {
  name: 'tcp',
  async *probe(targets, options) {
    const end = new AbortController();
    const signal = AbortSignal.any([options.signal, end.signal]);
    const knocks = new Knocks({ ...options, signal });
    const routes = routesOfNow(signal);
    const places = Math.max(1, Math.floor(options.concurrency / Math.max(1, options.ports.length)));
    try {
      yield* inParallel<Target, Finding>(targets, places, async (target, { put }) => {
        const found = await ask(target, options.ports, knocks);
        const error = found.verdict === 'silent' ? (await routes()).obstacle(target) : null;
        put(error ? { ...found, verdict: 'unknown', error } : found);
      });
    } finally {
      end.abort();
      knocks.close();
    }
  },
};

async function ask(target: Target, ports: readonly number[], knocks: Knocks): Promise<Finding> {
  const { address } = target;
  const answers = await Promise.all(ports.map((port) => knocks.at(address, port)));
  const states: { port: number; state: State }[] = [];
  let error = ports.length === 0 ? 'No ports to ask.' : undefined;
  let rttMs: number | undefined;
  let isAlive = false;
  for (const [nth, answer] of answers.entries()) {
    if ('error' in answer) {
      error = answer.error;
      continue;
    }
    states.push({ port: ports[nth] as number, state: answer.state });
    if (answer.state === 'silent') continue;
    isAlive = true;
    rttMs = Math.min(rttMs ?? Number.POSITIVE_INFINITY, answer.rttMs ?? 0);
  }
  const verdict = isAlive ? 'alive' : error ? 'unknown' : 'silent';
  return {
    address,
    probe: 'tcp',
    verdict,
    ports: states,
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Knocks at ports of a sweep, and knows every socket that is open for it. */
class Knocks {
  readonly #options: ProbeOptions;
  readonly #limiter: RateLimiter;
  readonly #open = new Set<Socket>();

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#limiter = new RateLimiter(options.packetsPerSecond);
    options.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Closes what is open. */
  close(): void {
    for (const socket of this.#open) socket.destroy(new Error('The sweep has ended.'));
  }

  /** Asks one port until it answers or the attempts are used up; waits where sockets run short. */
  async at(address: string, port: number): Promise<Answer> {
    const { attempts, timeoutMs, signal } = this.#options;
    let answer: Answer = { state: 'silent' };
    let pauses = 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await this.#limiter.take(signal);
      signal.throwIfAborted();
      answer = await this.#once(address, port, timeoutMs * 1.5 ** attempt);
      signal.throwIfAborted();
      if ('error' in answer) {
        if (!answer.isShort || pauses === mostPauses) return answer;
        pauses += 1;
        attempt -= 1;
        await sleep(shortPauseMs, signal);
      } else if (answer.state !== 'silent') {
        return answer;
      }
    }
    return answer;
  }

  #once(host: string, port: number, timeout: number): Promise<Answer> {
    return new Promise((resolve) => {
      const began = performance.now();
      const socket = connect({ host, port, noDelay: false });
      this.#open.add(socket);
      const answered = (state: State) => {
        resolve({ state, rttMs: performance.now() - began });
        socket.resetAndDestroy();
      };
      socket.setTimeout(timeout, () => {
        resolve({ state: 'silent' });
        socket.destroy();
      });
      socket.once('connect', () => answered('open'));
      socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
        if (refusedCodes.has(code)) resolve({ state: 'refused', rttMs: performance.now() - began });
        else if (silentCodes.has(code)) resolve({ state: 'silent' });
        else resolve({ error: message, isShort: shortCodes.has(code) });
      });
      socket.once('close', () => this.#open.delete(socket));
    });
  }
}
