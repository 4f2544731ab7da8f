import { denied } from './config.ts';
import type { ScannerContext } from './context.ts';
import type { Seen } from './domain/conclude.ts';
import { isSuspect, isUnreachable } from './domain/reach.ts';
import type { Fact } from './facts.ts';
import { createMockProbe } from './probes/mock.ts';
import { ownMacs } from './probes/neighbours.ts';
import { type Probe, type ProbeOptions, scanProbes, type Target } from './probes/probe.ts';
import { ask } from './probing.ts';
import { canariesOf, factsOf, nextBlock, nextKnown, nextRun, targetsOf, targetsOfRun } from './queries.ts';
import type { Chunk } from './settle.ts';

/** How many addresses are asked before what they answered is kept: what a crash costs at most, and what memory holds. */
const chunkSize = 1_024;

/** A scan under way, as its row has it. */
export interface Running {
  id: number;
  mode: 'real' | 'mock';
  probes: string[];
  ports: number[];
  blockAt: number;
  reached: string | null;
}

interface Block {
  vrfId: number;
  block: string;
  isSwept: boolean;
  packetsPerSecond: number | null;
  resolver: string | null;
}

/** Asks a scan's addresses, a chunk at a time. */
export interface Sweeper {
  /** Asks the next chunk; undefined where there is none. Throws where the signal is aborted. */
  next(scan: Running, signal: AbortSignal, active: number): Promise<Chunk | undefined>;
}

/** Makes what asks. */
export function createSweeper(ctx: ScannerContext): Sweeper {
  const { db, config, clock } = ctx;
  const deny = denied(config);
  const mock = createMockProbe();

  /** Where the next chunk of a block ends, and whom it asks. */
  async function chunkOf({ vrfId, block, isSwept }: Block, reached: string | null) {
    if (isSwept) {
      const [run] = await db.query<{ first: string; last: string; isLast: boolean }>(nextRun, [
        block,
        reached,
        chunkSize,
      ]);
      if (!run) throw new Error(`The block ${block} has no addresses.`);
      const targets = await db.query<Omit<Target, 'vrfId'>>(targetsOfRun, [vrfId, deny, run.first, run.last]);
      return { targets, last: run.last, isLast: run.isLast };
    }
    const known = await db.query<{ address: string }>(nextKnown, [vrfId, block, reached, chunkSize]);
    const addresses = known.map(({ address }) => address);
    const targets = await db.query<Omit<Target, 'vrfId'>>(targetsOf, [vrfId, deny, addresses]);
    return { targets, last: addresses.at(-1) ?? reached, isLast: addresses.length < chunkSize };
  }

  function optionsFor(scan: Running, block: Block, signal: AbortSignal, active: number): ProbeOptions {
    const share = config.workerPacketsPerSecond / Math.max(1, active);
    const rates = [block.packetsPerSecond ?? config.packetsPerSecond, Math.ceil(share)].filter(
      (rate) => rate > 0,
    );
    return {
      ports: scan.ports,
      timeoutMs: config.timeoutMs,
      attempts: config.attempts,
      packetsPerSecond: rates.length > 0 ? Math.min(...rates) : 0,
      concurrency: config.concurrency,
      signal,
      seed: config.mockSeed,
      now: clock(),
      ...(block.resolver === null ? {} : { resolver: block.resolver }),
    };
  }

  function probesOf({ mode, probes }: Running): Probe[] {
    if (mode === 'mock') return [mock];
    return ctx.extensions(scanProbes).filter(({ name }) => probes.includes(name));
  }

  /** The subnets among those asked that cannot be reached; asks canaries that were not asked along. */
  async function unreachableIn(
    seen: ReadonlyMap<string, Seen>,
    { vrfId, signal }: { vrfId: number; signal: AbortSignal },
    askAlone: (address: string) => Promise<Seen | undefined>,
  ): Promise<Set<number>> {
    const facts = await db.query<Fact>(factsOf, [vrfId, [...seen.keys()]]);
    const groups = Map.groupBy(facts, ({ subnetId }) => subnetId);
    // The prober always hears itself.
    const own = await ownMacs(signal);
    const looked = (group: readonly Fact[]) =>
      group
        .filter(({ address }) => !own.has(address))
        .map(({ address, wasState, wasSeen }) => ({
          outcome: seen.get(address)?.outcome ?? ('unknown' as const),
          before: wasState === null ? undefined : { state: wasState, wasSeen },
        }));
    const suspects = [...groups].filter(([, group]) => isSuspect(looked(group)));
    if (suspects.length === 0) return new Set();
    const canaries = await db.query<{ subnetId: number; address: string | null; wasSeen: boolean }>(
      canariesOf,
      [suspects.map(([id]) => id)],
    );
    const unreachable = new Set<number>();
    for (const [subnetId, group] of suspects) {
      const canary = canaries.find((each) => each.subnetId === subnetId);
      const address = canary?.address;
      const look =
        address && canary?.wasSeen && !own.has(address)
          ? (seen.get(address) ?? (await askAlone(address)))
          : undefined;
      const found = look && { wasSeen: true, answers: look.outcome === 'seen' };
      if (isUnreachable(looked(group), found)) unreachable.add(subnetId);
    }
    return unreachable;
  }

  return {
    async next(scan, signal, active) {
      const from = { blockAt: scan.blockAt, reached: scan.reached };
      const [block] = await db.query<Block>(nextBlock, [scan.id, scan.blockAt]);
      if (!block) return undefined;
      const { targets: asked, last, isLast } = await chunkOf(block, scan.reached);
      const { vrfId } = block;
      const targets = asked.map((target): Target => ({ ...target, vrfId }));
      const options = optionsFor(scan, block, signal, active);
      const probes = probesOf(scan);
      const seen = await ask(targets, probes, options);
      signal.throwIfAborted();
      const unreachable = await unreachableIn(seen, { vrfId, signal }, async (address) => {
        const [target] = await db.query<Omit<Target, 'vrfId'>>(targetsOf, [vrfId, deny, [address]]);
        return target && (await ask([{ ...target, vrfId }], probes, options)).get(address);
      });
      const to = isLast
        ? { blockAt: scan.blockAt + 1, reached: null }
        : { blockAt: scan.blockAt, reached: last };
      return { scanId: scan.id, vrfId, seen, unreachable, from, to, at: clock() };
    },
  };
}
