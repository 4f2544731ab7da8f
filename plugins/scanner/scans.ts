import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Caller, job, kernelErrors, type QueuedJob, type Tx } from '#core';
import type { ScannerContext } from './context.ts';
import type { Seen } from './domain/conclude.ts';
import { scannerErrors } from './errors.ts';
import { resultList, scanList, scanRecord } from './lists.ts';
import { createPlanning } from './planning.ts';
import {
  activate,
  beginScan,
  deactivate,
  dueSubnets,
  endScan,
  keepRun,
  purgeScans,
  runInTheWay,
  scanToRun,
  unfinished,
} from './queries.ts';
import type { NewScan, ScanRecord } from './schemas.ts';
import type { Settle } from './settle.ts';
import type { Running, Sweeper } from './sweep.ts';

const sweepData = z.object({ scanId: z.int() });

/** Runs of the scanner. */
export interface ScanService {
  list(query: Record<string, unknown>): ReturnType<typeof scanList.run>;
  get(id: number): Promise<ScanRecord>;
  results(id: number, query: Record<string, unknown>): ReturnType<typeof resultList.run>;
  /** Asks for a scan; it begins as soon as a worker has room and nobody else scans there. */
  create(tx: Tx, input: NewScan): Promise<ScanRecord>;
  /** Keeps a look at whole subnets of one VRF that somebody else took: what was seen then, with all that follows, as of a scan. */
  note(caller: Caller, look: Look): Promise<ScanRecord>;
  /** Ends a scan; one that runs stops within two seconds. 409 where it has ended. */
  cancel(tx: Tx, id: number): Promise<ScanRecord>;
  /** The scan each time that it has got further, until it has ended. */
  follow(id: number): AsyncIterable<ScanRecord | undefined>;
  /** Asks for a scan of each subnet whose interval is over; answers the scans. */
  due(caller: Caller): Promise<ScanRecord[]>;
  /** Ends what its job has left behind, and deletes what is old. */
  tend(caller: Caller, signal: AbortSignal): Promise<void>;
  readonly sweep: QueuedJob<typeof sweepData>;
}

/** A look at the network that was not ours: what each address answered, by the address. */
export interface Look {
  readonly subnetIds: readonly number[];
  readonly mode: 'real' | 'mock';
  readonly probes: readonly string[];
  readonly at: Date;
  readonly seen: ReadonlyMap<string, Seen>;
}

/** How long a scan waits for another one to leave its blocks before it looks again, in milliseconds. */
const pause = 2_000;
/** How often a failing scan is begun; each time it goes on where it was. */
const mostAttempts = 10;

/** Makes the service of scans. */
export function createScanService(
  ctx: ScannerContext,
  { sweeper, settle, mode }: { sweeper: Sweeper; settle: Settle; mode: 'real' | 'mock' },
): ScanService {
  const { db, transact, emit, clock, config, plugins } = ctx;
  const underWay = new Set<number>();

  const { byPolicy, chosenProbes, planned, insert } = createPlanning(ctx);

  async function create(tx: Tx, wish: NewScan): Promise<ScanRecord> {
    const input = await byPolicy(tx, wish);
    const scanMode = input.mode ?? mode;
    const probes = chosenProbes(input, scanMode);
    const blocks = await planned(tx, input);
    const priority = input.priority ?? 0;
    const id = await insert(tx, { ...input, mode: scanMode, probes }, blocks, clock());
    const run = await ctx.jobs.enqueue(tx, sweep, { scanId: id }, { priority });
    await tx.query(keepRun, [id, run.id]);
    return scanRecord(tx.query, id);
  }

  /** Ends a scan and says so; its blocks stay taken until nobody asks in them any more. */
  async function end(
    tx: Tx,
    id: number,
    state: 'done' | 'failed' | 'cancelled',
    error: string | null,
    at = clock(),
  ) {
    const [ended] = await tx.query<Omit<ScanRecord, 'jobId'> & { jobRunId: number | null }>(endScan, [
      id,
      state,
      error,
      at,
    ]);
    if (!ended) return undefined;
    const { jobRunId, ...scan } = ended;
    await emit(tx, 'scan.finished', { ...scan, id });
    return jobRunId;
  }

  /** Takes the scan's blocks, or says that another scan is in them; undefined where it has ended. */
  async function begin(caller: Caller, scanId: number): Promise<'waiting' | Running | undefined> {
    return transact(caller, async (tx) => {
      // One at a time: two that look at once would both find nobody, and one be refused by the constraint.
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('cadastre scan'))");
      const [scan] = await tx.query<Running & { state: string; priority: number }>(scanToRun, [scanId]);
      if (!scan || (scan.state !== 'queued' && scan.state !== 'running')) return undefined;
      const [other] = await tx.query(runInTheWay, [scanId]);
      if (other) {
        const run = await ctx.jobs.enqueue(tx, sweep, { scanId }, { priority: scan.priority, delay: pause });
        await tx.query(keepRun, [scanId, run.id]);
        return 'waiting';
      }
      await tx.query(activate, [scanId]);
      await tx.query(beginScan, [scanId, clock()]);
      return scan;
    });
  }

  /** Gives the blocks of a scan that has ended back. */
  const leave = (scanId: number) => db.query(deactivate, [scanId]);

  const sweep = job({
    name: 'sweep',
    data: sweepData,
    concurrency: 4,
    retry: { attempts: mostAttempts, delay: 1_000, most: 30_000 },
    async run({ data: { scanId }, caller, signal, progress, attempt }) {
      const begun = await begin(caller, scanId);
      if (begun === 'waiting' || begun === undefined) return;
      underWay.add(scanId);
      try {
        for (;;) {
          signal.throwIfAborted();
          const { progress: far, state, ...scan } = await scanRecord(db.query, scanId);
          progress(far.done, far.total);
          if (state !== 'running') break;
          const [at] = await db.query<Running>(scanToRun, [scanId]);
          const chunk = await sweeper.next({ ...scan, ...(at as Running) }, signal, underWay.size);
          if (!chunk) {
            await transact(caller, (tx) => end(tx, scanId, 'done', null));
            break;
          }
          if (!(await settle(caller, chunk))) break;
        }
        await leave(scanId);
      } catch (fault) {
        const isOver = !signal.aborted && attempt >= mostAttempts;
        if (isOver) await transact(caller, (tx) => end(tx, scanId, 'failed', String(fault)));
        // Where the process stops, the scan goes on elsewhere, and keeps its blocks.
        const { state } = await scanRecord(db.query, scanId);
        if (state !== 'running' && state !== 'queued') await leave(scanId);
        throw fault;
      } finally {
        underWay.delete(scanId);
      }
    },
  });

  return {
    sweep,
    create,
    list: (query) => scanList.run(db.query, query),
    get: (id) => scanRecord(db.query, id),
    async results(id, query) {
      await scanRecord(db.query, id);
      return resultList.run(db.query, query, (bindings) => `r.scan_id = ${bindings.bind(id, 'bigint')}`);
    },

    async note(caller, { subnetIds, mode: lookMode, probes, at, seen }) {
      const { id, vrfId, blocks } = await transact(caller, async (tx) => {
        const blocks = await planned(tx, { subnetIds: [...subnetIds] });
        const id = await insert(tx, { subnetIds: [...subnetIds], mode: lookMode, probes }, blocks, at);
        await tx.query(beginScan, [id, at]);
        return { id, vrfId: blocks[0]?.vrfId as number, blocks: blocks.length };
      });
      await settle(caller, {
        ...{ scanId: id, vrfId, seen, at, unreachable: new Set<number>() },
        from: { blockAt: 0, reached: null },
        to: { blockAt: blocks, reached: null },
      });
      await transact(caller, (tx) => end(tx, id, 'done', null, at));
      return scanRecord(db.query, id);
    },

    async cancel(tx, id) {
      const { state } = await scanRecord(tx.query, id);
      const run = await end(tx, id, 'cancelled', null);
      if (run === undefined) throw scannerErrors.scanEnded(`Scan ${id} is ${state} already.`);
      if (run !== null) tx.afterCommit(() => void ctx.jobs.cancel(run).catch(() => undefined));
      return scanRecord(tx.query, id);
    },

    async *follow(id) {
      let told = '';
      for (;;) {
        const scan = await scanRecord(db.query, id).catch((fault: unknown) => {
          if (fault instanceof Error && 'code' in fault && fault.code === kernelErrors.notFound('').code)
            return undefined;
          throw fault;
        });
        // Deleted meanwhile.
        if (!scan) return;
        const now = JSON.stringify(scan);
        yield now === told ? undefined : scan;
        told = now;
        if (scan.finishedAt !== null) return;
        await sleep(250);
      }
    },

    async due(caller) {
      const subnets = await db.query<{ subnetId: number }>(dueSubnets, [clock()]);
      const scans: ScanRecord[] = [];
      for (const { subnetId } of subnets) {
        try {
          scans.push(await transact(caller, (tx) => create(tx, { subnetIds: [subnetId] })));
        } catch (err) {
          // A probe may be gone since the policy was written: no reason to leave the other subnets alone.
          ctx.log.error({ err, subnetId }, 'a subnet that is due cannot be scanned');
        }
      }
      return scans;
    },

    async tend(caller, signal) {
      const rows = await db.query<{ id: number; state: string; jobRunId: number | null }>(unfinished);
      for (const { id, state, jobRunId } of rows) {
        const run = jobRunId === null ? undefined : await ctx.jobs.find(jobRunId);
        if (run?.state === 'queued' || run?.state === 'running') continue;
        if (state === 'queued' || state === 'running') {
          const how = run?.state === 'cancelled' ? 'cancelled' : 'failed';
          await transact(caller, (tx) =>
            end(tx, id, how, how === 'failed' ? (run?.error ?? 'Its job is gone.') : null),
          );
        }
        await leave(id);
      }
      await plugins.subnets.space.forgetHolds();
      const before = new Date(clock().getTime() - config.keepDays * 86_400_000);
      while (!signal.aborted && (await db.query(purgeScans, [before])).length > 0);
    },
  };
}
