import { z } from 'zod';
import type { Tx } from '#core';
import { createCatalogue, type NotifiersContext } from './catalogue.ts';
import { createDeliveries } from './deliveries.ts';
import { email } from './email.ts';
import { notifierErrors } from './errors.ts';
import { notifierKinds } from './kinds.ts';
import { notifierMetrics } from './metrics.ts';
import { notifierResource } from './model.ts';
import * as sql from './queries.ts';
import { createSending } from './sending.ts';
import { createSettings, type Kept, type Settled } from './settings.ts';
import { createVault } from './vault.ts';
import { webhook } from './webhook.ts';

/** Makes what this plugin can do: notifiers, what they are told, and the sending of it. */
export function createNotifiersApi(ctx: NotifiersContext) {
  const { config, sealer, isProduction, log } = ctx;
  const vault = createVault(sealer);
  if (!vault.isLocked) log.warn('secret settings of notifiers are kept unencrypted: set AUDIT_KEY');
  ctx.extend(notifierKinds, webhook(config.allowPrivate ?? !isProduction));
  ctx.extend(notifierKinds, email(config));
  const catalogue = createCatalogue(ctx);
  const settings = createSettings(catalogue, vault);
  const sending = createSending(ctx, catalogue, settings);
  const deliveries = createDeliveries(ctx, catalogue, sending);

  const keptOf = async (tx: Tx, id: number): Promise<Settled> => {
    const [row] = await tx.query<{ settings: Settled['settings']; secrets: Kept | null }>(
      'SELECT settings, secrets FROM notifier WHERE id = $1',
      [id],
    );
    return row ?? { settings: {}, secrets: null };
  };

  const notifiers = notifierResource.service(ctx, {
    async beforeCreate(_tx, values) {
      settings.demandEvents(values.events ?? []);
      return { ...values, ...settings.settle(values.kind ?? '', values as never) } as typeof values;
    },
    async beforeUpdate(tx, current, changes) {
      if (changes.kind !== undefined && changes.kind !== current.kind) {
        throw notifierErrors.notifierKindStays(
          `${current.name} is of the kind ${current.kind}; make another notifier for ${changes.kind}.`,
        );
      }
      if (changes.events) settings.demandEvents(changes.events);
      if (changes.settings === undefined && changes.secrets === undefined) return undefined;
      const settled = settings.settle(current.kind, changes as never, await keptOf(tx, current.id));
      return { ...changes, ...settled } as typeof changes;
    },
    async afterWrite(tx, { deed, record: { id, enabled } }) {
      if (deed !== 'updated' || !enabled) return;
      // What was wrong may be right now, and what waited while it was disabled is due.
      await tx.query(sql.endRest, [id]);
      await sending.wake(tx, id);
    },
  });

  return {
    notifiers,
    deliveries,
    send: sending.send,
    lookAfter: sending.lookAfter,
    metrics: notifierMetrics(ctx.db),
    events: catalogue.events,
    kinds: () =>
      catalogue.kinds().map((kind) => ({
        name: kind.name,
        summary: kind.summary,
        settings: z.toJSONSchema(kind.settings, { io: 'input' }) as Record<string, z.core.util.JSONType>,
        secrets: [...(kind.secrets ?? [])],
        unusable: kind.unusable?.() ?? null,
      })),
  };
}

export type NotifiersApi = ReturnType<typeof createNotifiersApi>;
