import { arpScan } from './arp-scan.ts';
import { batches } from './batches.ts';
import { isOnPath } from './command.ts';
import { type Neighbour, neighbours, ownMacs } from './neighbours.ts';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';
import { type Routes, routesOfNow } from './routes.ts';

const batchSize = 1024;

/**
 * The MACs of what is on the link. By arp-scan where it is on the PATH and may open raw sockets, which alone finds that two answer for one
 * IPv4 address; else, and always for IPv6, from the kernel's neighbour table, which knows who was asked of late: let other probes go
 * first. `unknown` is what lies behind a router, was not asked, or answered some time ago (then with its MAC). Throws the signal's reason when that fires.
 */
export const arpProbe: Probe = {
  name: 'arp',
  async *probe(targets, options) {
    const end = new AbortController();
    const signal = AbortSignal.any([options.signal, end.signal]);
    const routes = routesOfNow(signal);
    try {
      for await (const batch of batches(targets, batchSize)) {
        yield* await askBatch(batch, { ...options, signal }, await routes());
      }
    } finally {
      end.abort();
    }
  },
};

async function askBatch(
  batch: readonly Target[],
  options: ProbeOptions,
  routes: Routes,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const inTable: Target[] = [];
  const own = await ownMacs(options.signal);
  const links = Map.groupBy(batch, (target) => (own.has(target.address) ? own : routes.link(target)));
  for (const [link, targets] of links) {
    if (link === null) found.push(...targets.map(({ address }) => unknown(address)));
    else if (typeof link !== 'string') found.push(...targets.map((target) => judged(target, own, routes)));
    else {
      const { scanned = [], others = [] } = Object.groupBy(targets, ({ family }) =>
        family === 4 && isOnPath('arp-scan') ? 'scanned' : 'others',
      );
      const answers = scanned.length > 0 ? await arpScan(link, scanned, options) : null;
      if (answers) found.push(...scanned.map((target) => judged(target, answers, routes)));
      else inTable.push(...scanned);
      inTable.push(...others);
    }
  }
  if (inTable.length === 0) return found;
  const table = await neighbours(options.signal);
  return [...found, ...inTable.map((target) => remembered(target, table.get(target.address), routes))];
}

/** What the kernel's table tells of an address. */
function remembered(target: Target, neighbour: Neighbour | undefined, routes: Routes): Finding {
  const { address } = target;
  if (!neighbour) return unknown(address);
  const { mac, isThere } = neighbour;
  if (mac === null) return judged(target, new Map(), routes);
  return { address, probe: 'arp', verdict: isThere ? 'alive' : 'unknown', macs: [mac] };
}

/** What is concluded of an address that was asked: no MAC is silence, unless nothing could arrive. */
function judged(target: Target, answers: ReadonlyMap<string, readonly string[]>, routes: Routes): Finding {
  const { address } = target;
  const macs = answers.get(address) ?? [];
  if (macs.length > 0) return { address, probe: 'arp', verdict: 'alive', macs };
  const error = routes.obstacle(target);
  return error ? unknown(address, error) : { address, probe: 'arp', verdict: 'silent' };
}

function unknown(address: string, error?: string): Finding {
  return { address, probe: 'arp', verdict: 'unknown', ...(error ? { error } : {}) };
}
