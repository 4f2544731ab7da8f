import { z } from 'zod';
import { job, type QueuedRun, type Tx } from '#core';
import type { Catalogue, NotifiersContext } from './catalogue.ts';
import { testEvent } from './catalogue.ts';
import type { Answer } from './kinds.ts';
import * as sql from './queries.ts';
import type { Kept, SettingsApi } from './settings.ts';

/** How many deliveries of one notifier one run has under way at once. */
const together = 5;
/** Milliseconds that any kind may take to tell something. */
const patience = 20_000;
/** Milliseconds after which an attempt that was never ended may be made again: less than until a run that died is. */
const lease = 25_000;
const hour = 3_600_000;
const longestError = 500;

interface Claimed {
  id: number;
  attempts: number;
  event: string;
  summary: string;
  payload: Record<string, unknown>;
  actor: string;
  changeId: string;
  at: string;
  kind: string;
  settings: Record<string, unknown>;
  secrets: Kept | null;
  hasRested: boolean;
}

type Caller = QueuedRun<unknown>['caller'];

const toNotifier = z.object({ notifierId: z.int() });

/** Makes what sends deliveries: a queued job for each notifier that has something due. */
export function createSending(ctx: NotifiersContext, catalogue: Catalogue, settings: SettingsApi) {
  const { config, db, jobs, transact, log } = ctx;
  const { query } = db;
  const firstPause = config.retrySeconds * 1_000;

  /** Has what is due of a notifier sent, now or later; in a transaction, once it is committed. */
  async function wake(tx: Tx | undefined, notifierId: number, delay = 0, dedupe?: string): Promise<void> {
    const options = dedupe === undefined ? { delay } : { delay, dedupe };
    await jobs.enqueue(tx, send, { notifierId }, options);
  }

  /** What came of one attempt; whatever is thrown means that it may go better later. */
  async function tell(delivery: Claimed, signal: AbortSignal): Promise<Answer> {
    const { id, event, summary, payload, actor, changeId, secrets } = delivery;
    const kind = catalogue.kind(delivery.kind);
    if (!kind)
      return { outcome: 'refused', say: `There is no kind of notifier "${delivery.kind}" any more.` };
    const title = event === testEvent ? 'A test' : (catalogue.event(event)?.title ?? event);
    const at = new Date(delivery.at).toISOString();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const cut = new Promise<never>((_, reject) => {
      limit.addEventListener('abort', () => reject(new Error(`It took over ${patience / 1_000} s.`)), {
        once: true,
      });
    });
    try {
      const notification = { delivery: id, event, title, summary, at, actor, changeId, data: payload };
      return await Promise.race([
        kind.send(notification, settings.whole(kind, delivery) as never, limit),
        cut,
      ]);
    } catch (fault) {
      return { outcome: 'later', say: settings.without(secrets, (fault as Error)?.message ?? String(fault)) };
    }
  }

  /** Writes down what came of it, and sees to what follows. True where its receiver is unwell, and has to rest. */
  async function end(
    caller: Caller,
    notifierId: number,
    delivery: Claimed,
    answer: Answer,
  ): Promise<boolean> {
    const { id, attempts, hasRested } = delivery;
    const isLast = attempts >= config.attempts;
    const state =
      answer.outcome === 'delivered'
        ? 'delivered'
        : answer.outcome === 'later' && !isLast
          ? 'pending'
          : 'failed';
    const asked = answer.outcome === 'later' ? (answer.after ?? 0) : 0;
    const pause = Math.min(hour, Math.max(asked, firstPause * 2 ** (attempts - 1)));
    const isUnwell = answer.outcome === 'later';
    const error = answer.say?.slice(0, longestError) ?? null;
    if (state === 'failed') log.warn({ delivery: id, notifier: notifierId, error }, 'not delivered');
    await transact(caller, async (tx) => {
      const [ours] = await tx.query(sql.endAttempt, [
        id,
        attempts,
        state,
        answer.status ?? null,
        error,
        pause,
      ]);
      if (!ours) return;
      if (state === 'pending') await wake(tx, notifierId, pause);
      if (isUnwell) {
        const values = [notifierId, Math.max(asked, firstPause), hour, firstPause];
        const [rest] = await tx.query<{ pause: number }>(sql.letRest, values);
        // For what waits behind this one.
        if (rest) await wake(tx, notifierId, rest.pause);
      } else if (hasRested) await tx.query(sql.endRest, [notifierId]);
      if (answer.outcome === 'refused' && answer.isGone) {
        log.warn({ notifier: notifierId }, 'its receiver is gone: the notifier is disabled');
        await tx.query('UPDATE notifier SET enabled = false WHERE id = $1 AND enabled', [notifierId]);
      }
    });
    return isUnwell;
  }

  async function attempt(run: QueuedRun<{ notifierId: number }>, delivery: Claimed): Promise<boolean> {
    const answer = await tell(delivery, run.signal);
    if (run.signal.aborted && answer.outcome === 'later') {
      await query(sql.giveBack, [delivery.id, delivery.attempts]);
      return true;
    }
    return end(run.caller, run.data.notifierId, delivery, answer);
  }

  const send = job({
    name: 'send',
    data: toNotifier,
    concurrency: 20,
    async run(run) {
      for (;;) {
        run.signal.throwIfAborted();
        const values = [run.data.notifierId, together, lease, config.attempts];
        const claimed = await query<Claimed>(sql.claimDeliveries, values);
        const unwell = await Promise.all(claimed.map((delivery) => attempt(run, delivery)));
        run.signal.throwIfAborted();
        if (claimed.length < together || unwell.some(Boolean)) return;
      }
    },
  });

  return {
    send,
    wake,
    /** Takes up what was left lying, gives up what is too old, and forgets what ended long ago. */
    async lookAfter(signal: AbortSignal): Promise<void> {
      await query(sql.giveUp, [config.attempts, config.giveUpHours]);
      const due = await query<{ notifierId: number }>(sql.overdue);
      for (const { notifierId } of due) await wake(undefined, notifierId, 0, `left of ${notifierId}`);
      while (!signal.aborted) {
        const purged = await query(sql.purgeDeliveries, [config.retentionDays]);
        if (purged.length === 0) return;
      }
    },
  };
}

export type Sending = ReturnType<typeof createSending>;
