import { z } from 'zod';

const image = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ description: 'Null where there was no record.' });
const diff = z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() })).meta({
  description:
    'What each changed field was and became; of a record that came into being or went, all that had a value.',
  example: { hostname: { before: 'core-1', after: 'core-2' } },
});
/** In the log's `source`: how the change came in; `db` is a person in psql. */
const sources = ['rest', 'panel', 'job', 'cli', 'db'] as const;
/** In the log's `action`. */
export const actions = ['create', 'update', 'delete'] as const;

const recordId = z.union([z.int(), z.string()]).meta({ description: 'The id of the record.' });
const recordKey = z
  .record(z.string(), z.unknown())
  .meta({ description: 'What identified it to a person.', example: { vrf: 'blue', address: '10.0.0.9' } });

/** A line of the log: one record that was changed. */
export const auditEntry = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  actor: z
    .string()
    .meta({ description: 'Who: `user:7`, `token:3`, `job:…`, or `db:<role>` for a person in psql.' }),
  action: z.enum(actions),
  entity: z.string().meta({ example: 'address' }),
  entityId: recordId,
  key: recordKey,
  changeId: z.guid().meta({ description: 'Groups what one request, job or import changed.' }),
  requestId: z.string().nullable(),
  source: z.enum(sources),
  sourceAddress: z.string().nullable(),
  dbUser: z.string().meta({ description: 'The database role that wrote it.' }),
  secrets: z
    .array(z.string())
    .meta({ description: 'Fields that were set, changed or lost, whose values nobody keeps.' }),
  diff,
});

/** The same with the whole record before and after. */
export const wholeEntry = auditEntry.extend({ before: image, after: image });

/** A record as it was at a moment, and what had made it so. */
export const recordAt = z.object({
  entity: z.string(),
  entityId: recordId,
  key: recordKey,
  at: z.iso.datetime(),
  record: z.record(z.string(), z.unknown()),
  change: auditEntry.nullable().meta({
    description: 'The change that made it so; null where that was before the log began or is no longer kept.',
  }),
});

/** What taking a change back did. */
export const revertResult = z.object({
  changeId: z.guid().nullable().meta({
    description: 'The change that this is itself: it is in the log, and can be reverted. Null in a dry run.',
  }),
  reverts: z.guid().meta({ description: 'The change that was taken back.' }),
  total: z.int().meta({ description: 'How many records were put back.' }),
  reverted: z.array(
    z.object({ entity: z.string(), id: recordId, key: recordKey, action: z.enum(actions), diff }),
  ),
  nextCursor: z.string().nullable().meta({
    description: 'In a dry run, the page after this. What was really done is in `/audit-logs?changeId=`.',
  }),
});
