import { z } from 'zod';

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;

/** A delivery on the wire. */
export const delivery = z
  .object({
    id: z.int().meta({ description: 'The same at each attempt: X-Cadastre-Delivery.' }),
    notifierId: z.int(),
    event: z.string(),
    summary: z.string().meta({ description: 'One sentence for people.' }),
    data: z.record(z.string(), z.json()).meta({ description: 'What the event brought along.' }),
    state: z.enum(deliveryStates),
    attempts: z.int(),
    responseStatus: z.int().nullable().meta({ description: 'What the receiver answered last.' }),
    error: z.string().nullable().meta({ description: 'What the last attempt failed of.' }),
    actor: z.string(),
    changeId: z.string(),
    createdAt: z.iso.datetime(),
    attemptedAt: z.iso.datetime().nullable(),
    nextAttemptAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Not before then; null once it has ended.' }),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Delivery' });

/** An event that notifiers can tell of. */
export const notifiableEvent = z.object({ event: z.string(), title: z.string() });

/** A kind of notifiers. */
export const kindView = z.object({
  name: z.string(),
  summary: z.string(),
  settings: z.record(z.string(), z.json()).meta({ description: 'The JSON Schema of its settings.' }),
  secrets: z.array(z.string()).meta({ description: 'Those that are never shown.' }),
  unusable: z.string().nullable().meta({ description: 'Why it cannot be used as things are.' }),
});
