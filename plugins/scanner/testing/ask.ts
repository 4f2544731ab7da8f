import type { Finding, Probe, ProbeOptions, Target } from '../probes/probe.ts';

/** Targets of these addresses, of which the register knows nothing else. */
export function targets(addresses: Iterable<string>): Target[] {
  return Array.from(addresses, (address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
    vrfId: 1,
    isRegistered: false,
    mac: null,
  }));
}

/** The addresses of a block that begin with these octets and end with `from` to `to`. */
export function hosts(prefix: string, from = 1, to = 254): string[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => `${prefix}.${from + nth}`);
}

/** Options of a short test: one attempt of 300 ms, no limit. */
export function options(of: Partial<ProbeOptions> = {}): ProbeOptions {
  return {
    ports: [],
    timeoutMs: 300,
    attempts: 1,
    packetsPerSecond: 0,
    concurrency: 256,
    signal: new AbortController().signal,
    now: new Date(),
    ...of,
  };
}

/** All findings of a probe by address; throws where one address has two or none. */
export async function ask(
  probe: Probe,
  addresses: readonly string[],
  of: Partial<ProbeOptions> = {},
): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  for await (const finding of probe.probe(targets(addresses), options(of))) {
    if (found.has(finding.address)) throw new Error(`${finding.address} was told twice.`);
    found.set(finding.address, finding);
  }
  const missing = addresses.filter((address) => !found.has(address));
  if (missing.length > 0 || found.size > addresses.length) throw new Error(`Missing: ${missing.join(', ')}`);
  return found;
}

/** Verdicts by address, as what a test compares. */
export function verdicts(found: ReadonlyMap<string, Finding>): Record<string, string> {
  return Object.fromEntries([...found].map(([address, { verdict }]) => [address, verdict]));
}
