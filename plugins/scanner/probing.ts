import type { Seen } from './domain/conclude.ts';
import { type Findings, gather, merged } from './domain/findings.ts';
import type { Probe, ProbeOptions, Target } from './probes/probe.ts';

/** Probes that tell more of an address, and nothing of whether anybody is there; asked of those that answered alone. */
const enriching: ReadonlySet<string> = new Set(['dns']);
/** Probes that read what the others have brought about. */
const afterwards: ReadonlySet<string> = new Set(['arp']);

/** Asks all targets by all probes, and answers what each was seen as, by address. Throws where the signal is aborted. */
export async function ask(
  targets: readonly Target[],
  probes: readonly Probe[],
  options: ProbeOptions,
): Promise<Map<string, Seen>> {
  const isIdle = (name: string) => name === 'tcp' && options.ports.length === 0;
  const findings: Findings = new Map(targets.map(({ address }) => [address, []]));
  async function run(probe: Probe, of: readonly Target[], atOnce = 1): Promise<void> {
    if (of.length === 0) return;
    // Those that ask at the same time share the rate.
    const packetsPerSecond = options.packetsPerSecond / atOnce;
    for await (const finding of probe.probe(of, { ...options, packetsPerSecond })) gather(findings, finding);
    options.signal.throwIfAborted();
  }
  const first = probes.filter(({ name }) => !enriching.has(name) && !afterwards.has(name) && !isIdle(name));
  await Promise.all(first.map((probe) => run(probe, targets, first.length)));
  for (const probe of probes.filter(({ name }) => afterwards.has(name))) await run(probe, targets);
  const answered = targets.filter(({ address }) => merged(findings.get(address)).outcome === 'seen');
  for (const probe of probes.filter(({ name }) => enriching.has(name))) await run(probe, answered);
  return new Map(targets.map(({ address }) => [address, merged(findings.get(address))]));
}
