import {
  choiceFilters,
  includeById,
  integerFilters,
  listing,
  named,
  referenceFilters,
  textFilters,
  timeFilters,
} from '#core';
import { notifierResource } from './model.ts';
import { delivery, deliveryStates } from './schemas.ts';

/** The list of deliveries, the latest first unless told. */
export const deliveryList = listing({
  item: delivery,
  fields: {
    id: 'd.id',
    notifierId: 'd.notifier_id',
    event: 'd.event',
    summary: 'd.summary',
    data: 'd.payload',
    state: 'd.state',
    attempts: 'd.attempts',
    responseStatus: 'd.response_status',
    error: 'd.error',
    actor: 'd.actor',
    changeId: 'd.change_id',
    createdAt: 'd.created_at',
    attemptedAt: 'd.attempted_at',
    nextAttemptAt: `CASE WHEN d.state = 'pending' THEN d.due_at END`,
    finishedAt: 'd.finished_at',
  },
  from: 'delivery d',
  table: 'delivery',
  idSql: 'd.id',
  sorts: {
    id: { sql: 'd.id', type: 'bigint' },
    createdAt: { sql: 'd.created_at', type: 'timestamptz' },
  },
  defaultSort: '-id',
  filters: {
    ...referenceFilters('notifier', 'd.notifier_id', 'notifier', 'name'),
    ...integerFilters('notifierId', 'd.notifier_id'),
    ...choiceFilters('state', 'd.state', deliveryStates),
    ...textFilters('event', 'd.event'),
    ...integerFilters('responseStatus', 'd.response_status'),
    ...textFilters('actor', 'd.actor'),
    ...timeFilters('createdAt', 'd.created_at'),
    ...timeFilters('finishedAt', 'd.finished_at'),
    ...integerFilters('id', 'd.id'),
  },
  includes: {
    notifier: includeById(
      'notifierId',
      notifierResource.mention,
      named('delivery_notifiers', 'SELECT id, name FROM notifier WHERE id = ANY ($1::bigint[])'),
    ),
  },
});
