import { z } from 'zod';
import { documentedAs, queryInteger, queryNumber } from './schemas.ts';

/** Collects bound values while SQL is put together; `bind` answers the placeholder. */
export class Bindings {
  readonly values: unknown[] = [];

  bind(value: unknown, cast = ''): string {
    this.values.push(value);
    return `$${this.values.length}${cast && `::${cast}`}`;
  }
}

/** One query parameter: its schema, and the SQL condition for its values (several mean or). */
export interface Filter {
  schema: z.ZodType;
  condition(values: readonly unknown[], bindings: Bindings): string;
}

type Filters = Record<string, Filter>;

const truth = z
  .stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] })
  .meta({ override: documentedAs({ type: 'boolean' }) });

/** One value or several of it (`status=active&status=reserved`). */
function repeatable(schema: z.ZodType): z.ZodType {
  return z.union([schema, z.array(schema).max(100)]);
}

function anyOf(values: readonly unknown[], one: (value: unknown) => string): string {
  return values.length === 1 ? one(values[0]) : `(${values.map(one).join(' OR ')})`;
}

function comparing(sql: string, operator: string, schema: z.ZodType, type: string): Filter {
  return {
    schema: repeatable(schema),
    condition: (values, bindings) =>
      anyOf(values, (value) => `${sql} ${operator} ${bindings.bind(value, type)}`),
  };
}

function equal(sql: string, schema: z.ZodType, type: string): Filter {
  return {
    schema: repeatable(schema),
    condition: (values, bindings) => `${sql} = ANY(${bindings.bind(values, `${type}[]`)})`,
  };
}

function unequal(sql: string, schema: z.ZodType, type: string): Filter {
  return {
    schema: repeatable(schema),
    condition: (values, bindings) =>
      `(${sql} IS NULL OR ${sql} <> ALL(${bindings.bind(values, `${type}[]`)}))`,
  };
}

function empty(sql: string): Filter {
  return {
    schema: truth,
    condition: ([value]) => (value ? `${sql} IS NULL` : `${sql} IS NOT NULL`),
  };
}

/** A LIKE pattern for texts that hold what a person typed; its `%` and `_` mean themselves. */
export function literally(text: unknown): string {
  return `%${String(text).replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** `field`, `__ne`, `__contains` (case-insensitive) and `__empty` over a text column. */
export function textFilters(name: string, sql: string): Filters {
  const schema = z.string().max(500);
  return {
    [name]: equal(sql, schema, 'text'),
    [`${name}__ne`]: unequal(sql, schema, 'text'),
    [`${name}__contains`]: {
      schema: repeatable(schema),
      condition: (values, bindings) =>
        anyOf(values, (value) => `${sql} ILIKE ${bindings.bind(literally(value), 'text')}`),
    },
    [`${name}__empty`]: empty(`nullif(${sql}, '')`),
  };
}

/** `field`, `__ne` and `__empty` over a column with few values. */
export function choiceFilters(name: string, sql: string, choices: readonly [string, ...string[]]): Filters {
  const schema = z.enum(choices);
  return {
    [name]: equal(sql, schema, 'text'),
    [`${name}__ne`]: unequal(sql, schema, 'text'),
    [`${name}__empty`]: empty(sql),
  };
}

function orderFilters(name: string, sql: string, schema: z.ZodType, type: string): Filters {
  return {
    [`${name}__gt`]: comparing(sql, '>', schema, type),
    [`${name}__gte`]: comparing(sql, '>=', schema, type),
    [`${name}__lt`]: comparing(sql, '<', schema, type),
    [`${name}__lte`]: comparing(sql, '<=', schema, type),
  };
}

function orderedFilters(name: string, sql: string, schema: z.ZodType, type: string): Filters {
  return {
    [name]: equal(sql, schema, type),
    [`${name}__ne`]: unequal(sql, schema, type),
    ...orderFilters(name, sql, schema, type),
    [`${name}__empty`]: empty(sql),
  };
}

/** `field`, `__ne`, `__gt`, `__gte`, `__lt`, `__lte` and `__empty` over an integer column. */
export function integerFilters(name: string, sql: string): Filters {
  return orderedFilters(name, sql, queryInteger(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), 'bigint');
}

/** The same over a column with a fraction. */
export function numberFilters(name: string, sql: string): Filters {
  return orderedFilters(name, sql, queryNumber(), 'numeric');
}

/** The same over a moment, in ISO 8601 with a zone. */
export function timeFilters(name: string, sql: string): Filters {
  return orderedFilters(name, sql, z.iso.datetime({ offset: true }), 'timestamptz');
}

/** The same over a day, `2026-11-24`. */
export function dayFilters(name: string, sql: string): Filters {
  return orderedFilters(name, sql, z.iso.date(), 'date');
}

/** True or false. */
export function booleanFilters(name: string, sql: string): Filters {
  return { [name]: equal(sql, truth, 'boolean') };
}

/** Over a text array: `field` has any of the values given (`tag=a&tag=b`), `__ne` none of them; `__empty` has no value at all. */
export function labelFilters(name: string, sql: string): Filters {
  const schema = repeatable(z.string().min(1).max(100));
  return {
    [name]: {
      schema,
      // Said twice, so that an index of those that have any serves it.
      condition: (values, bindings) => `(${sql} <> '{}' AND ${sql} && ${bindings.bind(values, 'text[]')})`,
    },
    [`${name}__ne`]: {
      schema,
      condition: (values, bindings) => `NOT ${sql} && ${bindings.bind(values, 'text[]')}`,
    },
    [`${name}__empty`]: {
      schema: truth,
      condition: ([value]) => (value ? `${sql} = '{}'` : `${sql} <> '{}'`),
    },
  };
}

function described(description: string, filter: Filter): Filter {
  return { ...filter, schema: filter.schema.meta({ description }) };
}

/**
 * A reference by id or by natural key (`owner=7`, `owner=blue`): digits are an id, anything else is looked up
 * by `keySql` in `table`; a key that nobody has matches nothing. `__empty`: refers to nothing.
 */
export function referenceFilters(name: string, sql: string, table: string, keySql: string): Filters {
  return {
    [name]: described('By id, or by name.', {
      schema: repeatable(z.string().min(1).max(200)),
      condition: (values, bindings) =>
        anyOf(values, (value) =>
          /^\d{1,15}$/.test(String(value))
            ? `${sql} = ${bindings.bind(value, 'bigint')}`
            : `${sql} IN (SELECT id FROM ${table} WHERE ${keySql} = ${bindings.bind(value, 'text')})`,
        ),
    }),
    [`${name}__empty`]: empty(sql),
  };
}

const meanings = {
  within: 'Inside this block, and not the block itself.',
  withinInclude: 'Inside this block, or the block itself.',
  contains: 'Holds this address, or all of this block.',
};

/** The filters of a list whose records are networks or addresses: `within`, `withinInclude`, `contains`, `family`, `prefixLength`. */
export function networkFilters(sql: string, network: z.ZodType, addressOrNetwork: z.ZodType): Filters {
  const prefixLength = queryInteger(0, 128);
  return {
    within: described(meanings.within, comparing(sql, '<<', network, 'inet')),
    withinInclude: described(meanings.withinInclude, comparing(sql, '<<=', network, 'inet')),
    contains: described(meanings.contains, comparing(sql, '>>=', addressOrNetwork, 'inet')),
    family: equal(`family(${sql})`, z.enum(['4', '6']), 'int'),
    prefixLength: equal(`masklen(${sql})`, prefixLength, 'int'),
    ...orderFilters('prefixLength', `masklen(${sql})`, prefixLength, 'int'),
  };
}

/** The same of a list whose records are runs of addresses, from one column to another; `contains` takes an address or a block. */
export function runFilters(
  first: string,
  last: string,
  network: z.ZodType,
  addressOrNetwork: z.ZodType,
): Filters {
  const inside: Filter = {
    schema: repeatable(network),
    condition: (values, bindings) =>
      anyOf(values, (value) => {
        const block = bindings.bind(value, 'inet');
        return `(${first} <<= ${block} AND ${last} <<= ${block})`;
      }),
  };
  return {
    within: described('All of it inside this block.', inside),
    withinInclude: described('All of it inside this block.', inside),
    contains: described(meanings.contains, {
      schema: repeatable(addressOrNetwork),
      condition: (values, bindings) =>
        anyOf(values, (value) => {
          const asked = bindings.bind(value, 'inet');
          return `(${first} <= network(${asked}) AND ${last} >= set_masklen(broadcast(${asked}), CASE family(${asked}) WHEN 4 THEN 32 ELSE 128 END))`;
        }),
    }),
    family: equal(`family(${first})`, z.enum(['4', '6']), 'int'),
  };
}

/** Exact match, `__ne`, order and `__empty` on a network column itself. */
export function exactNetworkFilters(
  name: string,
  sql: string,
  schema: z.ZodType,
  type: 'cidr' | 'inet' | 'macaddr',
): Filters {
  return {
    [name]: equal(sql, schema, type),
    [`${name}__ne`]: unequal(sql, schema, type),
    ...orderFilters(name, sql, schema, type),
    [`${name}__empty`]: empty(sql),
  };
}
