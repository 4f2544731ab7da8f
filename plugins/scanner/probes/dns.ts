import { Resolver } from 'node:dns/promises';
import { SocketAddress } from 'node:net';
import { reverseName } from '../domain/reverse-name.ts';
import { inParallel } from './in-parallel.ts';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';
import { RateLimiter } from './rate.ts';

/** Questions at a time: more than a name server may like. */
const mostQuestions = 256;

/** The name server answered that there is nothing; every other failure says nothing about the name. */
const isNothing = (error: unknown) =>
  ['ENOTFOUND', 'ENODATA'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * Reverse look-up (PTR) with forward confirmation (RFC 1912, 2.1), at the resolver of the options (`address` or `address:port`) or the
 * system's. A name does not say whether anybody is there, so that the verdict is always `unknown`; `ptr` is null where there is no name,
 * and left out, with `error`, where the resolver did not tell. Throws the signal's reason when that fires.
 */
export const dnsProbe: Probe = {
  name: 'dns',
  async *probe(targets, options) {
    const end = new AbortController();
    const signal = AbortSignal.any([options.signal, end.signal]);
    const limiter = new RateLimiter(options.packetsPerSecond);
    const resolver = new Resolver({ timeout: options.timeoutMs, tries: options.attempts });
    if (options.resolver) resolver.setServers([options.resolver]);
    signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    try {
      yield* inParallel<Target, Finding>(
        targets,
        Math.max(1, Math.min(options.concurrency, mostQuestions)),
        async (target, { put }) => {
          put(await ask(target, resolver, () => take(limiter, signal)));
          signal.throwIfAborted();
        },
      );
    } finally {
      end.abort();
    }
  },
};

async function take(limiter: RateLimiter, signal: ProbeOptions['signal']): Promise<void> {
  await limiter.take(signal);
  signal.throwIfAborted();
}

async function ask(
  { address, family }: Target,
  resolver: Resolver,
  mayGo: () => Promise<void>,
): Promise<Finding> {
  const finding = { address, probe: 'dns', verdict: 'unknown' } as const;
  await mayGo();
  let name: string | undefined;
  try {
    [name] = await resolver.resolvePtr(reverseName(address));
  } catch (error) {
    return isNothing(error) ? { ...finding, ptr: null } : { ...finding, error: (error as Error).message };
  }
  if (name === undefined) return { ...finding, ptr: null };
  const ptr = name.toLowerCase().replace(/\.$/, '');
  await mayGo();
  try {
    const answers = await (family === 4 ? resolver.resolve4(ptr) : resolver.resolve6(ptr));
    const own = sameForm(address, family);
    return { ...finding, ptr, confirmed: answers.some((answer) => sameForm(answer, family) === own) };
  } catch (error) {
    return isNothing(error)
      ? { ...finding, ptr, confirmed: false }
      : { ...finding, ptr, error: (error as Error).message };
  }
}

function sameForm(address: string, family: 4 | 6): string {
  return new SocketAddress({ address, family: `ipv${family}` }).address;
}
