import { createHash } from 'node:crypto';
import type { Finding, Probe, ProbeOptions, Target } from './probe.ts';

/** How the simulated network is: each a probability from 0 to 1. */
export interface MockChances {
  /** That a registered address answers. */
  readonly registered: number;
  /** That somebody answers at one that nobody has registered. */
  readonly unregistered: number;
  /** Of those registered with a MAC that answer: that another MAC does. */
  readonly otherMac: number;
  /** Of those registered that answer: that their PTR names somebody else. */
  readonly otherName: number;
  /** That a port of one that answers is open. */
  readonly openPort: number;
  /** How long the network stays as it is, in milliseconds. */
  readonly period: number;
}

export const usualChances: MockChances = {
  registered: 0.8,
  unregistered: 0.03,
  otherMac: 0.05,
  otherName: 0.02,
  openPort: 0.4,
  period: 86_400_000,
};

/** In a scan of so many addresses that are registered with a MAC and answer, at least one answers with another. */
const mostAgreeing = 50;

/** A number from 0 up to 1 that depends on its words alone. */
function draw(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join('\0')).digest().readUInt32BE(0) / 2 ** 32;
}

/** A MAC of no vendor (locally administered, unicast). */
function macOf(...words: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(words.join('\0')).digest().subarray(0, 5);
  return `02:${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}

/** What a simulated address answers: a pure function of seed, target and time. */
export function mockFinding(
  target: Target,
  { seed = '', ports, now }: Pick<ProbeOptions, 'seed' | 'ports' | 'now'>,
  chances: MockChances = usualChances,
): Finding {
  const { address, vrfId, isRegistered, mac } = target;
  const era = Math.floor(now.getTime() / chances.period);
  const by = (what: string) => draw(seed, vrfId, address, era, what);
  const probe = 'mock';
  if (by('answers') >= (isRegistered ? chances.registered : chances.unregistered))
    return { address, probe, verdict: 'silent' };
  const isOther = mac !== null && by('mac') < chances.otherMac;
  const isRenamed = !isRegistered || by('name') < chances.otherName;
  return {
    address,
    probe,
    verdict: 'alive',
    rttMs: Math.round(by('rtt') * 2_000) / 100,
    macs: [mac === null || isOther ? macOf(seed, vrfId, address, 'mac') : mac],
    ports: ports.map((port) => ({
      port,
      state: by(`port ${port}`) < chances.openPort ? 'open' : 'refused',
    })),
    ptr: isRenamed ? `host-${address.replaceAll(/[.:]+/g, '-')}.mock.example` : null,
    confirmed: true,
  };
}

/** Makes the probe that asks a simulated network and sends no packet. */
export function createMockProbe(chances: MockChances = usualChances): Probe {
  // By the signal of the scan, which all its chunks share: how many have agreed since the last that did not.
  const agreed = new WeakMap<AbortSignal, number>();
  return {
    name: 'mock',
    async *probe(targets, options) {
      const { signal, seed = '' } = options;
      for await (const target of targets) {
        signal.throwIfAborted();
        const finding = mockFinding(target, options, chances);
        if (target.mac === null || finding.verdict !== 'alive' || chances.otherMac === 0) {
          yield finding;
          continue;
        }
        const before = agreed.get(signal) ?? 0;
        const isDue = finding.macs?.[0] !== target.mac || before + 1 >= mostAgreeing;
        agreed.set(signal, isDue ? 0 : before + 1);
        yield isDue ? { ...finding, macs: [macOf(seed, target.vrfId, target.address, 'mac')] } : finding;
      }
    },
  };
}
