/** What the register says of an address when a scan has asked it. */
export interface Recorded {
  /** Undefined: it has no row. */
  readonly status: string | undefined;
  readonly role: string | null;
  readonly hostname: string | null;
  /** The MAC addresses that may answer for it; none: nothing contradicts. */
  readonly macs: readonly string[];
}

/** What one scan saw of an address, all probes taken together. */
export interface Seen {
  readonly outcome: 'seen' | 'missed' | 'unknown';
  readonly macs: readonly string[];
  readonly ptr: string | null;
  readonly openPorts: readonly number[];
  readonly rttMs: number | null;
  readonly error: string | null;
}

export const conflictKinds = ['mac-mismatch', 'hostname-mismatch', 'duplicate-address'] as const;
export type ConflictKind = (typeof conflictKinds)[number];

/** What follows from one look at an address, beside that it was seen or missed; undefined: nothing. */
export type Conclusion = ConflictKind | 'unregistered' | undefined;

/** Several devices answer for one of these by turns (VRRP, anycast): a MAC says nothing. */
const shared: ReadonlySet<string | null> = new Set(['vip', 'anycast']);

/** Host names without case and closing dot; one without a domain is the same as one with any. */
export function isSameHost(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => name.toLowerCase().replace(/\.$/, '')) as [string, string];
  if (a === b) return true;
  const isShort = !a.includes('.') || !b.includes('.');
  return isShort && a.split('.', 1)[0] === b.split('.', 1)[0];
}

/** Compares what answered with what is recorded: the table of conclusions. Who is silent contradicts nothing. */
export function conclude(recorded: Recorded, seen: Seen): Conclusion {
  if (seen.outcome !== 'seen') return undefined;
  const { status, role, hostname, macs } = recorded;
  if (seen.macs.length > 1 && !shared.has(role)) return 'duplicate-address';
  if (status === undefined || status === 'free') return 'unregistered';
  const [mac] = seen.macs;
  const agrees = mac !== undefined && macs.includes(mac);
  if (mac !== undefined && macs.length > 0 && !agrees && !shared.has(role)) return 'mac-mismatch';
  if (seen.ptr !== null && hostname !== null && !isSameHost(seen.ptr, hostname)) return 'hostname-mismatch';
  return undefined;
}

/** How an address stands over all scans, after another one: `misses` in a row, of which it takes `limit` to be silent. */
export function stateAfter(
  before: { readonly state: ObservedState; readonly misses: number } | undefined,
  outcome: Seen['outcome'],
  limit: number,
): { state: ObservedState; misses: number } {
  const misses = before?.misses ?? 0;
  if (outcome === 'seen') return { state: 'up', misses: 0 };
  if (outcome === 'unknown') return { state: 'unknown', misses };
  const missed = misses + 1;
  if (missed >= limit) return { state: 'silent', misses: missed };
  // Who has been up stays so until it was missed often enough; of who has not been seen yet nobody can say more.
  return { state: before?.state === 'up' ? 'up' : 'unknown', misses: missed };
}
export type ObservedState = 'up' | 'silent' | 'unknown';
