import { z } from 'zod';
import { idParams, kernelErrors, route } from '#core';
import { notifierErrors } from './errors.ts';
import { notifierResource } from './model.ts';
import { delivery, kindView, notifiableEvent } from './schemas.ts';
import type { NotifiersApi } from './service.ts';

const all = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });

/** /notifiers, /notifier-kinds, /notifiable-events and /deliveries. */
export function notifierRoutes({ notifiers, deliveries, events, kinds }: NotifiersApi) {
  const sent = {
    tag: 'Notifiers',
    permission: 'notifiers:write',
    dryRun: true,
    params: idParams,
    returns: delivery,
    status: 202,
    throws: [kernelErrors.notFound, notifierErrors.notifierDisabled],
  } as const;
  return [
    ...notifierResource.routes(notifiers, {
      create: { description: 'It is told of what happens from then on.' },
      change: { example: { enabled: false }, throws: [notifierErrors.notifierKindStays] },
      remove: { description: 'Its deliveries go with it, those that are still to be sent as well.' },
    }),
    route({
      ...sent,
      method: 'post',
      path: '/notifiers/{id}/test',
      summary: 'Try a notifier out',
      description: 'Sends the event `notifier.test`; the delivery tells what came of it.',
      handler: ({ params, write }) => write((tx) => deliveries.test(tx, params.id)),
    }),
    route({
      method: 'get',
      path: '/notifier-kinds',
      tag: 'Notifiers',
      summary: 'List the kinds of notifiers',
      permission: 'notifiers:read',
      returns: all(kindView),
      handler: async () => ({ items: kinds() }),
    }),
    route({
      method: 'get',
      path: '/notifiable-events',
      tag: 'Notifiers',
      summary: 'List the events that notifiers can tell of',
      permission: 'notifiers:read',
      returns: all(notifiableEvent),
      handler: async () => ({ items: events() }),
    }),
    route({
      method: 'get',
      path: '/deliveries',
      tag: 'Notifiers',
      summary: 'List deliveries',
      description: 'What notifiers were told, or are to be told; the latest first.',
      permission: 'notifiers:read',
      query: deliveries.listing.query,
      returns: deliveries.listing.page,
      handler: ({ query }) => deliveries.list(query),
    }),
    route({
      method: 'get',
      path: '/deliveries/{id}',
      tag: 'Notifiers',
      summary: 'Show a delivery',
      permission: 'notifiers:read',
      params: idParams,
      query: deliveries.listing.recordQuery,
      returns: deliveries.listing.record,
      throws: [kernelErrors.notFound],
      handler: ({ params, query }) => deliveries.show(params.id, query),
    }),
    route({
      ...sent,
      method: 'post',
      path: '/deliveries/{id}/redeliver',
      summary: 'Send a delivery once more',
      description: 'Whatever came of it before: at once, and with all attempts. It keeps its id.',
      handler: ({ params, write }) => write((tx) => deliveries.sendAgain(tx, params.id)),
    }),
  ];
}
