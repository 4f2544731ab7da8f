import { createRequire } from 'node:module';
import type { PingConfig } from 'ping';
import type * as Builders from 'ping/types/builder/factory.d.ts';
import { run } from './command.ts';
import { inParallel } from './in-parallel.ts';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';
import { RateLimiter } from './rate.ts';
import { type Routes, routesOfNow } from './routes.ts';

// What the package knows of each system's ping; its own `probe` keeps the process to itself, which then could not be ended.
const require = createRequire(import.meta.url);
const builders: typeof Builders = require('ping/lib/builder/factory.js');
const parsers: {
  createParser(address: string, platform: string, config: PingConfig): Parser;
} = require('ping/lib/parser/factory.js');

/** Takes what ping says, line by line, and understands it. */
interface Parser {
  eat(line: string): void;
  getResult(): { alive: boolean; time: number | 'unknown'; output: string };
}

/** Processes at a time: each asks one address once. */
const mostProcesses = 64;

/** iputils has one ping for both families; the separate ping6 is gone from newer systems. */
const pingKnowsFamilies = process.platform === 'linux';

/** What ping says when it could not ask; that a router or the own kernel has found nobody is no such thing. */
const couldNotAsk =
  /network is unreachable|no route to host|not permitted|permission denied|cannot assign|invalid argument|address family/i;

/**
 * Asks by the system's ping, a process for each question, whose time limit has whole seconds. When the signal fires no more are started,
 * and those on the way are killed.
 */
export const ping: Probe['probe'] = async function* (targets, options) {
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const limiter = new RateLimiter(options.packetsPerSecond);
  const routes = routesOfNow(signal);
  const places = Math.max(1, Math.min(options.concurrency, mostProcesses));
  try {
    yield* inParallel<Target, Finding>(targets, places, async (target, { put }) =>
      put(await ask(target, { ...options, signal }, limiter, routes)),
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
  const { address } = target;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    await limiter.take(signal);
    signal.throwIfAborted();
    const seconds = Math.max(1, Math.ceil((timeoutMs * 1.5 ** attempt) / 1000));
    const { answer, failure } = await pingOnce(target, seconds, signal);
    if (answer.alive) return { address, probe: 'icmp', verdict: 'alive', rttMs: Number(answer.time) };
    const error = failure ?? couldNotAsk.exec(answer.output)?.[0];
    if (error) return { address, probe: 'icmp', verdict: 'unknown', error };
  }
  const error = (await routes()).obstacle(target);
  return { address, probe: 'icmp', ...(error ? { verdict: 'unknown', error } : { verdict: 'silent' }) };
}

/** What one ping said, as the package understands it; `failure` where there is no ping to be run. */
async function pingOnce({ address, family }: Target, timeout: number, signal: AbortSignal) {
  const { platform } = process;
  const v6 = family === 6 && !pingKnowsFamilies;
  const parser = parsers.createParser(address, platform, { timeout, v6 });
  const eat = (line: string) => parser.eat(line);
  const { code, said } = await run({
    program: builders.getExecutablePath(platform, v6),
    args: builders.createBuilder(platform).getCommandArguments(address, { timeout, v6 }),
    signal,
    onLine: eat,
    onErrorLine: eat,
  });
  return { answer: parser.getResult(), failure: code === null ? `ping failed: ${said}` : undefined };
}
