import { batches } from './batches.ts';
import { run } from './command.ts';
import { inParallel, type Piece } from './in-parallel.ts';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';
import { type Routes, routesOfNow } from './routes.ts';

/** fping has so many numbers for the packets of ten seconds, and gives up where these do not do. Two processes then ask a /16 twice. */
const mostPackets = 65_535;

/** Sends as fast as it can only for root: fping may be built so that it refuses that to others. */
const quickestMs = process.getuid?.() === 0 ? 0 : 1;

/** Who has sent everything and heard nothing for so long only waits. */
const quietMs = 100;

const ended = { ok: 0, someSilent: 1, someUnknown: 2 };

/**
 * Asks by fping, one process for a batch. While a batch that has sent everything waits for those who stay silent, the next begins; not
 * earlier, since every process hears the answers of all.
 */
export const fping: Probe['probe'] = async function* (targets, options) {
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const routes = routesOfNow(signal);
  const size = Math.floor(mostPackets / options.attempts);
  try {
    yield* inParallel<Target[], Finding>(batches(targets, size), 1, (batch, piece) =>
      askBatch(batch, { ...options, signal }, routes, piece),
    );
  } finally {
    end.abort();
  }
};

async function askBatch(
  batch: readonly Target[],
  options: ProbeOptions,
  routes: () => Promise<Routes>,
  piece: Piece<Finding>,
): Promise<void> {
  const { attempts, timeoutMs, packetsPerSecond, signal } = options;
  const interval = packetsPerSecond > 0 ? Math.ceil(100_000 / packetsPerSecond) / 100 : quickestMs;
  const pending = new Set(batch.map(({ address }) => address));
  const refused = new Map<string, string>();
  const sentBy = performance.now() + batch.length * attempts * interval;
  let isHeard = false;
  const watch = setInterval(() => {
    if (!isHeard && performance.now() > sentBy) piece.yieldPlace();
    isHeard = false;
  }, quietMs);

  const { code, said } = await run({
    program: 'fping',
    args: ['-a', '-e', '-r', `${attempts - 1}`, '-t', `${timeoutMs}`, '-B', '1.5', '-i', `${interval}`],
    input: batch.map(({ address }) => `${address}\n`).join(''),
    signal,
    isChatty: true,
    // 192.0.2.1 (0.034 ms), with [<- 192.0.2.9] between where another address answered
    onLine: (line) => {
      const address = line.slice(0, line.indexOf(' '));
      isHeard = true;
      if (line.includes('[<-') || !pending.delete(address)) return;
      const rttMs = Number(line.slice(line.lastIndexOf('(') + 1, line.lastIndexOf(' ')));
      piece.put({ address, probe: 'icmp', verdict: 'alive', rttMs });
      if (pending.size === 0) piece.yieldPlace();
    },
    // 192.0.2.1: error while sending ping: Network is unreachable
    onErrorLine: (line) => {
      const colon = line.indexOf(': ');
      if (pending.has(line.slice(0, colon))) refused.set(line.slice(0, colon), line.slice(colon + 2));
    },
  }).finally(() => clearInterval(watch));

  const hasAsked = code === ended.ok || code === ended.someSilent || code === ended.someUnknown;
  const known = hasAsked && pending.size > refused.size ? await routes() : null;
  for (const target of batch) {
    const { address } = target;
    if (!pending.has(address)) continue;
    const error = hasAsked
      ? (refused.get(address) ?? known?.obstacle(target))
      : `fping failed: ${said || `exit code ${code}`}`;
    piece.put({ address, probe: 'icmp', ...(error ? { verdict: 'unknown', error } : { verdict: 'silent' }) });
  }
}
