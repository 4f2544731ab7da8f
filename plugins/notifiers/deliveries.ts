import type { z } from 'zod';
import { kernelErrors, type Page, type RunQuery, type Tx } from '#core';
import { type Catalogue, type NotifiersContext, testEvent } from './catalogue.ts';
import { notifierErrors } from './errors.ts';
import { deliveryList } from './listing.ts';
import * as sql from './queries.ts';
import type { delivery } from './schemas.ts';
import type { Sending } from './sending.ts';

type Delivery = z.input<typeof delivery>;
type Query = Record<string, unknown>;

/** Makes the deliveries: written with what happened, listed, sent again. */
export function createDeliveries(
  ctx: NotifiersContext,
  catalogue: Catalogue,
  { wake }: Pick<Sending, 'wake'>,
) {
  const listing = deliveryList.extendedBy(ctx);
  /** Whom a transaction has woken already, so that a bulk wakes each once. */
  const woken = new WeakMap<Tx['handle'], Set<number>>();

  async function wakeOnce(tx: Tx, notifierId: number): Promise<void> {
    const already = woken.get(tx.handle) ?? new Set();
    woken.set(tx.handle, already);
    if (already.has(notifierId)) return;
    already.add(notifierId);
    await wake(tx, notifierId);
  }

  /** A plugin that cannot say what happened must not undo it. */
  function sentence(event: string, payload: unknown): string {
    const notice = catalogue.event(event);
    try {
      return notice?.say(payload as never) ?? event;
    } catch (fault) {
      ctx.log.error({ err: fault, event }, 'what happened could not be said');
      return notice?.title ?? event;
    }
  }

  ctx.onAny(
    (event) => catalogue.event(event) !== undefined,
    async (tx, event, payload) => {
      const { actor, changeId } = tx.caller;
      const values = [event, sentence(event, payload), JSON.stringify(payload), actor, changeId];
      const written = await tx.query<{ notifierId: number }>(sql.writeDeliveries, values);
      for (const { notifierId } of written) await wakeOnce(tx, notifierId);
    },
  );

  async function readOne(query: RunQuery, id: number): Promise<Delivery> {
    const { items } = await listing.run(query, { limit: 1 }, (bindings) => `d.id = ${bindings.bind(id)}`);
    const [found] = items;
    if (!found)
      throw kernelErrors.notFound(`There is no delivery ${id}; it may have been too old to be kept.`);
    return found;
  }

  async function demandEnabled(tx: Tx, notifierId: number): Promise<void> {
    const [notifier] = await tx.query<{ name: string; enabled: boolean }>(
      'SELECT name, enabled FROM notifier WHERE id = $1',
      [notifierId],
    );
    if (!notifier) throw kernelErrors.notFound(`There is no notifier ${notifierId}.`);
    if (!notifier.enabled)
      throw notifierErrors.notifierDisabled(`Enable the notifier ${notifier.name} first.`);
  }

  return {
    listing,
    list: (parameters: Query): Promise<Page<Delivery>> => listing.run(ctx.db.query, parameters),
    async show(id: number, parameters: Query): Promise<Delivery> {
      return listing.complete(ctx.db.query, await readOne(ctx.db.query, id), parameters);
    },
    /** Sends it once more, whatever came of it, at once and with all attempts. Throws 409 where its notifier is disabled. */
    async sendAgain(tx: Tx, id: number): Promise<Delivery> {
      const [found] = await tx.query<{ notifierId: number }>(sql.sendAgain, [id]);
      if (!found)
        throw kernelErrors.notFound(`There is no delivery ${id}; it may have been too old to be kept.`);
      await demandEnabled(tx, found.notifierId);
      await tx.query(sql.endRest, [found.notifierId]);
      await wake(tx, found.notifierId);
      return readOne(tx.query, id);
    },
    /** Tells something that did not happen, to see whether it arrives. */
    async test(tx: Tx, notifierId: number): Promise<Delivery> {
      await demandEnabled(tx, notifierId);
      const { actor, changeId } = tx.caller;
      const say = 'Somebody tries whether this notifier works.';
      const values = [testEvent, say, '{}', actor, changeId, notifierId];
      const [made] = await tx.query<{ id: number }>(sql.writeDelivery, values);
      await tx.query(sql.endRest, [notifierId]);
      await wake(tx, notifierId);
      return readOne(tx.query, (made as { id: number }).id);
    },
  };
}
