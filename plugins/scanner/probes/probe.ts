import { type ExtensionPoint, extensionPoint } from '#core';

/** What is asked: an address, and what the register says that helps to ask. */
export interface Target {
  readonly address: string;
  readonly family: 4 | 6;
  readonly vrfId: number;
  readonly isRegistered: boolean;
  readonly mac: string | null;
}

/**
 * What one probe learned of one address. `silent`: asked and not answered; `unknown`: the prober itself could not tell (socket error,
 * no route).
 */
export interface Finding {
  readonly address: string;
  readonly probe: string;
  readonly verdict: 'alive' | 'silent' | 'unknown';
  readonly rttMs?: number;
  readonly macs?: readonly string[];
  readonly ports?: readonly { port: number; state: 'open' | 'refused' | 'silent' }[];
  readonly ptr?: string | null;
  /** Of a PTR: that name leads back to the address. */
  readonly confirmed?: boolean;
  readonly error?: string;
}

export interface ProbeOptions {
  readonly ports: readonly number[];
  readonly timeoutMs: number;
  readonly attempts: number;
  /** 0: unlimited. */
  readonly packetsPerSecond: number;
  readonly concurrency: number;
  readonly resolver?: string;
  readonly signal: AbortSignal;
  readonly seed?: string;
  readonly now: Date;
}

/**
 * One kind of question. Findings come as they are known, in any order, one for each target, however many targets: memory must not grow
 * with them.
 */
export interface Probe {
  readonly name: string;
  probe(targets: AsyncIterable<Target> | Iterable<Target>, options: ProbeOptions): AsyncIterable<Finding>;
}

/** Ways to ask what is really there, by name; of two with one name the first stays. */
export const scanProbes: ExtensionPoint<Probe> = extensionPoint<Probe>('scanProbes', (probe, others) => {
  if (others.some(({ name }) => name === probe.name)) {
    throw new Error(`There is a probe named "${probe.name}" already.`);
  }
});
