import system from 'ping';
import { inParallel } from './in-parallel.ts';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';
import { RateLimiter } from './rate.ts';
import { type Routes, routesOfNow } from './routes.ts';

/** Processes at a time: each asks one address once. */
const mostProcesses = 64;

/** iputils has one ping for both families; the separate ping6 is gone from newer systems. */
const pingKnowsFamilies = process.platform === 'linux';

/** What ping says when it could not ask; that a router or the own kernel has found nobody is no such thing. */
const couldNotAsk =
  /network is unreachable|no route to host|not permitted|permission denied|cannot assign|invalid argument|address family/i;

/**
 * Asks by the system's ping, a process for each question. Their time limit has whole seconds; when the signal fires no more are
 * started, and those on the way end by that limit.
 */
export const ping: Probe['probe'] = async function* (targets, options) {
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const limiter = new RateLimiter(options.packetsPerSecond);
  const routes = routesOfNow(signal);
  const places = Math.max(1, Math.min(options.concurrency, mostProcesses));
  try {
    yield* inParallel<Target, Finding>(targets, places, async (target, { put }) =>
      put(await untilAborted(ask(target, { ...options, signal }, limiter, routes), signal)),
    );
  } finally {
    end.abort();
  }
};

async function ask(
  target: Target,
  { attempts, timeoutMs, signal }: ProbeOptions,
  limiter: RateLimiter,
  routes: () => Promise<Routes>,
): Promise<Finding> {
  const { address, family } = target;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    await limiter.take(signal);
    signal.throwIfAborted();
    const seconds = Math.max(1, Math.ceil((timeoutMs * 1.5 ** attempt) / 1000));
    try {
      const said = await system.promise.probe(address, {
        timeout: seconds,
        v6: family === 6 && !pingKnowsFamilies,
      });
      if (said.alive) return { address, probe: 'icmp', verdict: 'alive', rttMs: Number(said.time) };
      const error = couldNotAsk.exec(said.output)?.[0];
      if (error) return { address, probe: 'icmp', verdict: 'unknown', error };
    } catch (error) {
      return { address, probe: 'icmp', verdict: 'unknown', error: (error as Error).message };
    }
  }
  const error = (await routes()).obstacle(target);
  return { address, probe: 'icmp', ...(error ? { verdict: 'unknown', error } : { verdict: 'silent' }) };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
