import { setTimeout as sleep } from 'node:timers/promises';
import type { RunQuery } from '../db/database.ts';
import type { Log } from '../log/log.ts';
import type { JobQueue, Ticket } from './queue.ts';
import { handedOver, handOverAgain, overdue, type TicketRow, takeBackDead, toHandOver } from './runs.ts';

/** How many tickets are handed over at once. */
const pageSize = 1_000;

export interface HandOverOptions {
  /** Milliseconds between looks for what another process has enqueued. */
  pollEvery?: number;
  /** Milliseconds after which it is looked whether the queue still has what nobody has taken. */
  lookAfter?: number;
  /** Milliseconds between looks for workers that have died. */
  sweepEvery?: number;
}

/** Brings tickets from the rows of runs to the queue. */
export interface HandOver {
  /** Something is there to be handed over. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Hands tickets over until stopped: those of new runs at once, those that the queue has lost again, and, where `sweeping`, those of
 * runs whose worker has died. While the queue is away all stay where they are.
 */
export function startHandOver(
  query: RunQuery,
  queue: JobQueue,
  log: Log,
  names: readonly string[],
  sweeping: boolean,
  options: HandOverOptions = {},
): HandOver {
  const { pollEvery = 1_000, lookAfter = 60_000, sweepEvery = 10_000 } = options;
  const ending = new AbortController();
  let wake: () => void = () => undefined;
  let away = false;
  let lastLook = performance.now();
  let lastSweep = performance.now();

  async function handOver(): Promise<void> {
    for (;;) {
      const rows = await query<TicketRow>(toHandOver, [names, pageSize]);
      for (const [job, tickets] of Map.groupBy(rows, ({ name }) => name)) {
        await queue.add(
          job,
          tickets.map(({ id, priority, delay }): Ticket => ({ id, priority, delay })),
        );
        await query(handedOver, [tickets.map(({ id }) => id)]);
      }
      if (rows.length < pageSize || ending.signal.aborted) return;
    }
  }

  async function lookForLost(): Promise<void> {
    const rows = await query<{ name: string; ticket: string }>(overdue, [names, lookAfter]);
    for (const [job, of] of Map.groupBy(rows, ({ name }) => name)) {
      const tickets = of.map(({ ticket }) => ticket);
      const waiting = await queue.waiting(job, tickets);
      const lost = tickets.filter((ticket) => !waiting.has(ticket));
      if (lost.length === 0) continue;
      const again = await query(handOverAgain, [lost]);
      if (again.length > 0)
        log.warn({ job, runs: again.length }, 'the queue had lost tickets; handed over again');
    }
  }

  async function sweep(): Promise<void> {
    const dead = await query<{ id: number; name: string; state: string; spent: string }>(takeBackDead);
    for (const { id, name, state, spent } of dead) {
      log.warn({ job: name, run: id, state }, 'the worker of a run has died');
      await queue.remove(name, [spent]).catch(() => undefined);
    }
  }

  async function look(): Promise<void> {
    const now = performance.now();
    if (sweeping && now - lastSweep >= sweepEvery) {
      lastSweep = now;
      await sweep();
    }
    await handOver();
    if (now - lastLook >= lookAfter) {
      lastLook = now;
      await lookForLost();
      await handOver();
    }
  }

  const loop = (async () => {
    while (!ending.signal.aborted) {
      const pause = new AbortController();
      wake = () => pause.abort();
      try {
        await look();
        if (away) log.info('runs are handed over to the queue again');
        away = false;
      } catch (fault) {
        if (!away) log.warn({ err: fault }, 'runs cannot be handed over to the queue; they are kept');
        away = true;
      }
      const either = AbortSignal.any([ending.signal, pause.signal]);
      // While it is away, whoever enqueues must not make us try at once.
      const until = away ? ending.signal : either;
      await sleep(pollEvery, undefined, { signal: until }).catch(() => undefined);
    }
  })();

  return {
    wake: () => wake(),
    async stop() {
      ending.abort();
      await loop;
    },
  };
}
