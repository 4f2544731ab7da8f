import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import type { Child } from './child.ts';
import { type Load, run } from './load.ts';
import type { Report } from './report.ts';

/** Self time of a profile, in microseconds: by the package or file that owns the code, and by function. */
interface SelfTimes {
  byOwner: Map<string, number>;
  byFunction: Map<string, number>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `express`, `node:http`, `core/http/pipeline.ts`, or what V8 calls code without a file: `(garbage collector)`. */
function ownerOf({ url, functionName }: { url: string; functionName: string }): string {
  if (url.startsWith('node:'))
    return `node:${url.slice(5).replace('internal/', '').split('/')[0]?.replace(/^_/, '')}`;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (inPackage) return inPackage;
  if (path.startsWith(root)) return path.slice(root.length);
  return functionName.startsWith('(') ? functionName : '(native)';
}

/** Sums up where a profiled process spent its time; waiting is left out. */
function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTimes {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byOwner = new Map<string, number>();
  const byFunction = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (!frame || frame.functionName === '(idle)') continue;
    const owner = ownerOf(frame);
    const name = `${frame.functionName || '(anonymous)'} ${owner}${frame.url ? `:${frame.lineNumber + 1}` : ''}`;
    const time = timeDeltas[index] ?? 0;
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + time);
    byFunction.set(name, (byFunction.get(name) ?? 0) + time);
  }
  return { byOwner, byFunction };
}

/** The largest entries, as microseconds per request. */
function largest(times: ReadonlyMap<string, number>, requests: number, most: number): [string, number][] {
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, time]) => [name, time / requests]);
}

/** Profiles a server under a load and prints where its CPU time goes. */
export async function reportProfile(report: Report, what: string, server: Child, load: Load): Promise<void> {
  let requests = 0;
  const profile = await server.profile(async () => {
    ({ requests } = await run(load));
  });
  const { byOwner, byFunction } = selfTimes(profile);
  report.table([`${what}: own time by package or file`, 'CPU µs/request'], largest(byOwner, requests, 20));
  report.table([`${what}: own time by function`, 'CPU µs/request'], largest(byFunction, requests, 20));
}
