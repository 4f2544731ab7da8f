import { Hands } from './hands.ts';
import { inParallel } from './in-parallel.ts';
import type { Answer, State } from './knocks.ts';
import type { Finding, Probe, Target } from './probe.ts';
import { routesOfNow } from './routes.ts';
import { socketsFor } from './sockets.ts';

/**
 * Connects to the ports; open and refused both mean that somebody is there, and every connection is reset at once. `unknown` where a port
 * could not be asked and none answered, with the ports that could not left out. Throws the signal's reason when that fires.
 */
export const tcpProbe: Probe = {
  name: 'tcp',
  async *probe(targets, options) {
    const end = new AbortController();
    const signal = AbortSignal.any([options.signal, end.signal]);
    const routes = routesOfNow(signal);
    const { ports, timeoutMs, attempts, packetsPerSecond, concurrency } = options;
    const places = Math.max(1, Math.floor(socketsFor(concurrency) / Math.max(1, ports.length)));
    const hands = new Hands({ ports, timeoutMs, attempts, packetsPerSecond, places });
    signal.addEventListener('abort', () => hands.close(signal.reason), { once: true });
    if (signal.aborted) hands.close(signal.reason);
    try {
      // As many again wait, so that nobody has nothing to do meanwhile.
      yield* inParallel<Target, Finding>(targets, 2 * places, async (target, { put }) => {
        const found = asFinding(target, ports, ports.length === 0 ? [] : await hands.ask(target.address));
        const error = found.verdict === 'silent' ? (await routes()).obstacle(target) : null;
        put(error ? { ...found, verdict: 'unknown', error } : found);
      });
    } finally {
      end.abort();
    }
  },
};

function asFinding({ address }: Target, ports: readonly number[], answers: readonly Answer[]): Finding {
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
