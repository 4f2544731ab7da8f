import { z } from 'zod';
import { idParams, invalidRequest, kernelErrors, route } from '#core';
import { auditErrors } from './errors.ts';
import { recordAt, revertResult, wholeEntry } from './schemas.ts';
import type { AuditApi } from './service.ts';

const tag = 'Audit';
const mostShown = 1000;

const word = z.string().max(500);
/** What the entity's natural key consists of is known only from the registry, so the rest is checked by hand. */
const historyQuery = z
  .object({
    at: word.optional().meta({
      description: 'The moment, ISO 8601; without it, the whole life, from its beginning.',
      example: '2026-11-01T12:00:00Z',
    }),
    id: word.optional().meta({ description: 'Instead of the natural key.' }),
    limit: word.optional(),
    cursor: z.string().max(2000).optional(),
    count: word.optional(),
    sort: word.optional().meta({ description: 'at (the default), or -at.' }),
  })
  .catchall(z.union([word, z.array(word)]));

const revertQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'It must be an integer')
    .transform(Number)
    .pipe(z.int().min(1).max(mostShown))
    .optional()
    .meta({ description: `How many records the answer lists; ${mostShown} unless told, and at most.` }),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'It is not a cursor of a dry run')
    .optional()
    .meta({ description: '`nextCursor` of the page before; in a dry run only.' }),
});

/** /audit-logs, /history and /changes. */
export function auditRoutes({ lists, log, history, reverts, readPermission }: AuditApi) {
  return [
    route({
      method: 'get',
      path: '/audit-logs',
      tag,
      summary: 'List what was changed, by whom and when',
      description: 'The newest first. Every filter is answered by an index, however long the log is.',
      permission: 'audit:read',
      query: lists.log.query,
      returns: lists.log.page,
      handler: ({ query }) => log.list(query),
    }),
    route({
      method: 'get',
      path: '/audit-logs/{id}',
      tag,
      summary: 'Show a line of the log, with the record before and after',
      permission: 'audit:read',
      params: idParams,
      returns: wholeEntry,
      handler: ({ params }) => log.get(params.id),
    }),
    route({
      method: 'get',
      path: '/history/{entity}',
      tag,
      summary: 'Show a record as it was at a moment, or its whole life',
      description:
        'The entity is named as in the log, and the record by its natural key, `/history/address?vrf=blue&address=10.0.0.9&at=…`, or by `id`. ' +
        'It may be gone or be called something else by now: a VRF is found by the name that it had at that moment, or has. ' +
        'Needs the permission to read such records, too.',
      permission: 'audit:read',
      params: z.strictObject({ entity: z.string().min(1).max(100).meta({ example: 'address' }) }),
      query: historyQuery,
      returns: z.union([recordAt, lists.life.page]),
      async handler({ params, query, demand, principal }) {
        const entity = history.entity(params.entity);
        const permission = readPermission(entity);
        if (permission !== undefined) demand(permission);
        else if (principal.role !== 'admin')
          throw kernelErrors.forbidden(`Only an admin may see records of ${entity.name}.`);
        return history.show(entity, query);
      },
    }),
    route({
      method: 'post',
      path: '/changes/{changeId}/revert',
      tag,
      summary: 'Take back what a change did',
      description:
        'What came into being goes, what went comes back under its id, what was changed gets the fields back that the change touched; all of it or ' +
        'nothing. Refused where something has changed since, which is named. Needs the permission to write each of the records. It is a change ' +
        'itself, and can be taken back. With `?dryRun=true` it answers what would be done.',
      permission: 'signed-in',
      params: z.strictObject({ changeId: z.guid() }),
      query: revertQuery,
      returns: revertResult,
      throws: [auditErrors.changedSince, auditErrors.notRevertible],
      dryRun: true,
      async handler({ params, query, caller, dryRun, demandIn, write }) {
        const { limit = mostShown, cursor } = query;
        if (cursor !== undefined && !dryRun) {
          const message = 'Only a dry run has pages; what was done is in `/audit-logs?changeId=`.';
          throw invalidRequest([{ path: 'query.cursor', code: 'not-a-dry-run', message }]);
        }
        const { last, ...result } = await write((tx) =>
          reverts.revert(tx, params.changeId, {
            demand: (permissions) => demandIn(tx, ...permissions),
            limit,
            after: Number(cursor ?? 0),
          }),
        );
        return {
          changeId: dryRun ? null : caller.changeId,
          ...result,
          nextCursor: dryRun && last !== undefined ? String(last) : null,
        };
      },
    }),
  ];
}
