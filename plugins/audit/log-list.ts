import { z } from 'zod';
import { type Bindings, type Filter, type Listing, listing, timeFilters } from '#core';
import type { Entities, Entity } from './entities.ts';
import { diffOf, type Image, wireImage } from './images.ts';
import { actions, auditEntry, wholeEntry } from './schemas.ts';

/** Wire field → SQL, of a line of the log. */
const fields = {
  id: 'l.id',
  at: 'l.at',
  actor: 'l.actor',
  action: 'l.action',
  entity: 'l.entity',
  entityId: 'l.entity_id',
  key: 'l.key',
  changeId: 'l.change_id',
  requestId: 'l.request_id',
  source: 'l.source',
  sourceAddress: 'l.source_address',
  dbUser: 'l.db_user',
  secrets: 'l.secrets',
  before: 'l.before',
  after: 'l.after',
};

const text = z.string().min(1).max(500);

/** Equality alone: what the log is asked must be found by an index, however long it grows. */
function exact(sql: string, schema: z.ZodType, type = 'text', description?: string): Filter {
  const either = z.union([schema, z.array(schema).max(100)]);
  return {
    schema: description ? either.meta({ description }) : either,
    condition: (values, bindings) =>
      values.length === 1
        ? `${sql} = ${bindings.bind(values[0], type)}`
        : `${sql} = ANY(${bindings.bind(values, `${type}[]`)})`,
  };
}

/** The natural key of a record: its most telling part (`10.0.0.9`, `core-1`), or all of it as JSON. */
function keyCondition(value: string, bindings: Bindings): string {
  const whole = value.startsWith('{') ? parsed(value) : undefined;
  if (!whole) return `l.subject = ${bindings.bind(value, 'text')}`;
  const parts = bindings.bind(Object.values(whole).map(String), 'text[]');
  return `(l.subject = ANY(${parts}) AND l.key @> ${bindings.bind(JSON.stringify(whole), 'jsonb')})`;
}

function parsed(value: string): object | undefined {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

const keyText = text.refine(
  (value) => !value.startsWith('{') || parsed(value) !== undefined,
  'It is not JSON',
);
const { at__gt, at__gte, at__lt, at__lte } = timeFilters('at', 'l.at') as Record<string, Filter>;

const filters: Record<string, Filter> = {
  actor: exact('l.actor', text),
  action: exact('l.action', z.enum(actions)),
  entity: exact('l.entity', text, 'text', 'As in the log: `subnet`, `address`, `user`.'),
  entityId: exact('l.entity_id', text, 'text', 'The id of the record, with or without `entity`.'),
  key: {
    schema: z.union([keyText, z.array(keyText).max(100)]).meta({
      description:
        'What identifies the record: its address, CIDR or name, or the whole natural key as JSON, `{"vrf":"blue","address":"10.0.0.9"}`.',
    }),
    condition: (values, bindings) =>
      `(${values.map((value) => keyCondition(String(value), bindings)).join(' OR ')})`,
  },
  requestId: exact('l.request_id', text),
  changeId: exact('l.change_id', z.guid(), 'uuid', 'All that one request, job or import changed.'),
  ...({ at__gt, at__gte, at__lt, at__lte } as Record<string, Filter>),
};

/** A line of the log as it is read. */
interface Row extends Record<string, unknown> {
  entity: string;
  entityId: string;
  secrets: string[] | null;
  before: Image | null;
  after: Image | null;
}

/** An id as the API has it: ids are integers, where they are. */
export function wireId(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

/** A line of the log by wire names, with what became of each field. */
function shown(entity: Entity | undefined, row: Row): z.input<typeof wholeEntry> {
  const before = wireImage(entity, row.before);
  const after = wireImage(entity, row.after);
  return Object.assign(row, {
    entityId: wireId(row.entityId),
    secrets: (row.secrets ?? []).map(
      (column) => entity?.secret.find((field) => field.column === column)?.name ?? column,
    ),
    before,
    after,
    diff: diffOf(entity, before, after),
  }) as never;
}

/** The log as lists: newest first, without the whole records; and the life of records, from its beginning, with them. */
export interface LogLists {
  log: Listing<typeof auditEntry>;
  life: Listing<typeof wholeEntry>;
}

/** Declares both. */
export function createLogLists(entities: Entities): LogLists {
  const common = {
    fields,
    from: 'audit_log l',
    table: 'audit_log',
    idSql: 'l.id',
    sorts: { at: { sql: 'l.at', type: 'timestamptz' } },
    filters,
  };
  const whole = (row: Record<string, unknown>) => shown(entities().get(String(row.entity)), row as Row);
  return {
    log: listing({
      ...common,
      item: auditEntry,
      defaultSort: '-at',
      shaped: ['entityId', 'secrets'],
      shape(row) {
        const { before: _, after: __, ...rest } = whole(row);
        return rest;
      },
    }),
    life: listing({
      ...common,
      item: wholeEntry,
      defaultSort: 'at',
      shaped: ['entityId', 'secrets', 'before', 'after'],
      shape: whole,
    }),
  };
}
