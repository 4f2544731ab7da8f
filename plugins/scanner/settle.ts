import type { Caller, Tx } from '#core';
import type { ConflictService } from './conflicts.ts';
import type { ScannerContext } from './context.ts';
import type { DiscoveryService } from './discoveries.ts';
import { type Conclusion, conclude, type Seen, stateAfter } from './domain/conclude.ts';
import { type Fact, recordedOf } from './facts.ts';
import {
  advance,
  canariesOf,
  factsOf,
  formerOutage,
  insertResults,
  keepObservations,
  noteUnreachable,
  scanToRun,
} from './queries.ts';

/** A piece of a scan that was asked: what it saw, and where the scan goes on behind it. */
export interface Chunk {
  readonly scanId: number;
  readonly vrfId: number;
  readonly seen: ReadonlyMap<string, Seen>;
  /** Subnets that could not be reached: who is silent in them is unknown. */
  readonly unreachable: ReadonlySet<number>;
  readonly from: { readonly blockAt: number; readonly reached: string | null };
  readonly to: { readonly blockAt: number; readonly reached: string | null };
  readonly at: Date;
}

interface Judged {
  fact: Fact;
  seen: Seen;
  conclusion: Conclusion;
}

/** Keeps a chunk: results, observations, what follows from them, and where to go on, in one transaction; false where the scan has ended. */
export type Settle = (caller: Caller, chunk: Chunk) => Promise<boolean>;

/** Makes what keeps chunks. */
export function createSettle(
  ctx: ScannerContext,
  { conflicts, discoveries }: { conflicts: ConflictService; discoveries: DiscoveryService },
): Settle {
  const { transact, emit, config, plugins } = ctx;
  const limit = config.missesUntilSilent;

  async function judge(tx: Tx, { vrfId, seen, unreachable }: Chunk): Promise<Judged[]> {
    const facts = await tx.query<Fact>(factsOf, [vrfId, [...seen.keys()]]);
    return facts.map((fact) => {
      const saw = seen.get(fact.address) as Seen;
      const isUnknown = saw.outcome === 'missed' && unreachable.has(fact.subnetId);
      const meant: Seen = isUnknown ? { ...saw, outcome: 'unknown' } : saw;
      return { fact, seen: meant, conclusion: conclude(recordedOf(fact), meant) };
    });
  }

  async function keep(tx: Tx, { scanId, vrfId, at }: Chunk, judged: readonly Judged[]): Promise<void> {
    const results = judged.map(({ fact: { subnetId, address }, seen, conclusion }) => {
      return { subnetId, address, conclusion, ...seen };
    });
    await tx.query(insertResults, [scanId, vrfId, JSON.stringify(results)]);
    const observed = judged.flatMap(({ fact, seen }) => {
      const { address, status, wasState, wasMisses } = fact;
      const isKept = wasState !== null || seen.outcome === 'seen' || (status !== null && status !== 'free');
      if (!isKept) return [];
      const before = wasState === null ? undefined : { state: wasState, misses: wasMisses ?? 0 };
      return [{ address, mac: seen.macs[0], ...seen, ...stateAfter(before, seen.outcome, limit) }];
    });
    await tx.query(keepObservations, [vrfId, JSON.stringify(observed), at]);
  }

  /** An outage is announced by the first chunk of the first scan that meets it, and lasts until a scan meets none. */
  async function announceUnreachable(tx: Tx, { scanId, unreachable }: Chunk): Promise<void> {
    for (const subnetId of unreachable) {
      const [noted] = await tx.query(noteUnreachable, [scanId, subnetId]);
      if (!noted) continue;
      const [former] = await tx.query<{ isOutage: boolean }>(formerOutage, [scanId, subnetId]);
      if (former?.isOutage) continue;
      const [subnet] = await tx.query<{ cidr: string; vrfId: number; address: string | null }>(canariesOf, [
        [subnetId],
      ]);
      if (!subnet) continue;
      const { cidr, vrfId, address: canary } = subnet;
      await emit(tx, 'subnet.unreachable', { scanId, subnetId, vrfId, cidr, canary });
    }
  }

  return (caller, chunk) =>
    transact(caller, async (tx) => {
      const { scanId, vrfId, from, to, at } = chunk;
      const foreseen = await judge(tx, chunk);
      // Usage rows come before all others, and in the order of their ids.
      const touched = foreseen.filter(({ conclusion }) => conclusion !== undefined);
      await plugins.subnets.space.lock(tx, [...new Set(touched.map(({ fact }) => fact.subnetId))]);
      const [scan] = await tx.query<{ state: string; blockAt: number; reached: string | null }>(scanToRun, [
        scanId,
      ]);
      const isOurs =
        scan?.state === 'running' && scan.blockAt === from.blockAt && scan.reached === from.reached;
      if (!isOurs) return false;
      // Read again under the locks: who was registered meanwhile contradicts nothing.
      const judged = touched.length > 0 ? await judge(tx, chunk) : foreseen;
      await keep(tx, chunk, judged);
      await announceUnreachable(tx, chunk);
      const clashes = judged.flatMap(({ fact, seen, conclusion }) =>
        conclusion === undefined || conclusion === 'unregistered' ? [] : [{ fact, seen, kind: conclusion }],
      );
      for (const clash of clashes) await conflicts.open(tx, vrfId, scanId, clash, at);
      const strangers = judged
        .filter(({ fact: { status }, seen }) => seen.outcome === 'seen' && (status ?? 'free') === 'free')
        .map(({ fact, seen }) => ({ ...fact, answering: seen.macs[0] ?? null }));
      await discoveries.found(tx, vrfId, scanId, strangers, at);
      const count = (outcome: Seen['outcome']) =>
        judged.filter(({ seen }) => seen.outcome === outcome).length;
      await tx.query(advance, [
        ...[scanId, to.blockAt, to.reached],
        ...[count('seen'), count('missed'), count('unknown')],
        ...[clashes.length, strangers.length],
      ]);
      return true;
    });
}
