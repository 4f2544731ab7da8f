import { DataTypes, type ModelAttributeColumnOptions } from 'sequelize';
import { z } from 'zod';
import {
  booleanFilters,
  choiceFilters,
  exactNetworkFilters,
  integerFilters,
  numberFilters,
  textFilters,
  timeFilters,
} from '../http/filters.ts';
import { choiceColumn } from './common.ts';
import type { Field, ReferenceField } from './field.ts';
import type { Target } from './target.ts';

/** What every kind of field may be told. */
interface Options {
  /** It may have no value: null. */
  readonly nullable?: true;
  /** What a new record has where it is not told. */
  readonly default?: unknown;
  /** A new record need not say it: the database knows better than any constant. */
  readonly optional?: true;
  /** The database keeps it: it is shown, and never written by a client. */
  readonly derived?: true;
  readonly description?: string;
  /** Lists cannot be sorted by it. */
  readonly sort?: false;
  /** Lists have no filter for it. */
  readonly filter?: false;
}

type OrNull<O, S extends z.ZodType> = O extends { readonly nullable: true } ? z.ZodNullable<S> : S;
type PresenceOf<O> = O extends { readonly derived: true }
  ? 'derived'
  : O extends { readonly nullable: true } | { readonly default: unknown } | { readonly optional: true }
    ? 'optional'
    : 'required';

interface Parts
  extends Pick<Field, 'filters'>,
    Partial<Pick<Field, 'collate' | 'isLong' | 'read' | 'write'>> {
  schema: z.ZodType;
  body: z.ZodType;
  column: ModelAttributeColumnOptions;
  sort: string | undefined;
}

function fieldOf(options: Options, { schema, body, column, sort, filters, ...rest }: Parts) {
  const {
    nullable = false,
    derived = false,
    optional = options.default !== undefined,
    description,
  } = options;
  const told = <S extends z.ZodType>(each: S) => {
    const whole = nullable ? each.nullable() : each;
    return description === undefined ? whole : whole.meta({ description });
  };
  const presence = derived ? 'derived' : nullable || optional ? 'optional' : 'required';
  return {
    ...rest,
    schema: told(schema),
    body: told(body),
    presence,
    column: {
      ...column,
      ...(nullable ? {} : { allowNull: false }),
      ...(options.default === undefined ? {} : { defaultValue: options.default }),
    },
    nullable,
    default: options.default,
    sort: options.sort === false ? undefined : sort,
    filters: options.filter === false ? () => ({}) : filters,
  };
}

/** Text: trimmed, not empty. Filtered whole, by a part, and by whether there is any. */
function text<
  const O extends Options & {
    /** 200 characters unless told. */
    readonly max?: number;
    readonly pattern?: readonly [RegExp, string];
    /** Lines of text: none of its own kind in a list of the panel. */
    readonly isLong?: true;
    /** A collation for its order, such as `natural_order`, which an index then has too. */
    readonly collate?: string;
  },
>(options: O = {} as O): Field<OrNull<O, z.ZodString>, OrNull<O, z.ZodString>, PresenceOf<O>> {
  const { max = 200, pattern, isLong, collate } = options;
  const body = z.string().trim().min(1).max(max);
  return fieldOf(options, {
    schema: z.string(),
    body: pattern ? body.regex(...pattern) : body,
    column: { type: DataTypes.TEXT },
    sort: 'text',
    collate,
    isLong: isLong ?? false,
    filters: textFilters,
  }) as never;
}

/** One of a few words. */
function choice<const V extends readonly [string, ...string[]], const O extends Options>(
  values: V,
  options: O = {} as O,
): Field<
  OrNull<O, z.ZodEnum<{ [W in V[number]]: W }>>,
  OrNull<O, z.ZodEnum<{ [W in V[number]]: W }>>,
  PresenceOf<O>
> {
  const schema = z.enum(values);
  return fieldOf(options, {
    schema,
    body: schema,
    column: choiceColumn(values),
    sort: 'text',
    filters: (name, sql) => choiceFilters(name, sql, values),
  }) as never;
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number, in a column `int` or, with bounds beyond, `bigint`. */
function integer<const O extends Options & Bounds>(
  options: O = {} as O,
): Field<OrNull<O, z.ZodInt>, OrNull<O, z.ZodInt>, PresenceOf<O>> {
  const { min = -2_147_483_648, max = 2_147_483_647 } = options;
  return fieldOf(options, {
    schema: z.int(),
    body: z.int().min(min).max(max),
    column: { type: max > 2_147_483_647 ? DataTypes.BIGINT : DataTypes.INTEGER },
    sort: 'bigint',
    filters: integerFilters,
  }) as never;
}

/** A number with a fraction, in a column `double precision`. */
function number<const O extends Options & Bounds>(
  options: O = {} as O,
): Field<OrNull<O, z.ZodNumber>, OrNull<O, z.ZodNumber>, PresenceOf<O>> {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = options;
  return fieldOf(options, {
    schema: z.number(),
    body: z.number().min(min).max(max),
    column: { type: DataTypes.DOUBLE },
    sort: 'float8',
    filters: numberFilters,
  }) as never;
}

/** True or false. */
function boolean<const O extends Options>(
  options: O = {} as O,
): Field<OrNull<O, z.ZodBoolean>, OrNull<O, z.ZodBoolean>, PresenceOf<O>> {
  return fieldOf(options, {
    schema: z.boolean(),
    body: z.boolean(),
    column: { type: DataTypes.BOOLEAN },
    sort: undefined,
    filters: booleanFilters,
  }) as never;
}

/** A moment: ISO 8601 with a zone in a body, UTC in a record. */
function time<const O extends Options>(
  options: O = {} as O,
): Field<OrNull<O, z.ZodISODateTime>, OrNull<O, z.ZodISODateTime>, PresenceOf<O>> {
  return fieldOf(options, {
    schema: z.iso.datetime(),
    body: z.iso.datetime({ offset: true }),
    column: { type: DataTypes.DATE },
    sort: 'timestamptz',
    filters: timeFilters,
  }) as never;
}

const networkColumns = { macaddr: DataTypes.MACADDR, inet: DataTypes.INET, cidr: DataTypes.CIDR };

/** Text that PostgreSQL has a type of its own for; `body` reads what a client writes (`macField`, `ipField`, `cidrField`). */
function typed<const O extends Options, Body extends z.ZodType>(
  type: keyof typeof networkColumns,
  body: Body,
  options: O = {} as O,
): Field<OrNull<O, z.ZodString>, OrNull<O, Body>, PresenceOf<O>> {
  return fieldOf(options, {
    schema: z.string(),
    body,
    column: { type: networkColumns[type] },
    sort: type,
    filters: (name, sql) => exactNetworkFilters(name, sql, body, type),
  }) as never;
}

/** Anything else: say how it travels, what its column is, and what filters it has. */
function custom<Reply extends z.ZodType, Body extends z.ZodType, const O extends Options>(
  parts: {
    schema: Reply;
    body: Body;
    column: ModelAttributeColumnOptions;
    /** The PostgreSQL type, where lists can be sorted by it. */
    sortedAs?: string;
    filters?: Field['filters'];
    read?: (alias: string) => string;
    /** `JSON.stringify` for a column of JSON. */
    write?: (value: unknown) => unknown;
    isLong?: boolean;
  },
  options: O = {} as O,
): Field<OrNull<O, Reply>, OrNull<O, Body>, PresenceOf<O>> {
  const { sortedAs, filters = () => ({}), ...rest } = parts;
  return fieldOf(options, { ...rest, filters, sort: sortedAs }) as never;
}

/** What a query makes of the row (`(alias) => SQL`) and no column keeps: a count of what refers to it. */
function computed<Reply extends z.ZodType>(
  schema: Reply,
  read: (alias: string) => string,
): Field<Reply, z.ZodNever, 'computed'> {
  return {
    schema,
    body: z.never(),
    presence: 'computed',
    column: undefined,
    nullable: false,
    default: undefined,
    sort: undefined,
    isLong: false,
    filters: () => ({}),
    read,
  };
}

/**
 * A record of another resource, or of the same (`'self'`). The field's name ends with `Id`; bodies take `siteId` or, by name, `site`,
 * lists the filters `site` (id or name) and `siteId`, and `include=site` embeds it.
 */
function reference<const O extends Omit<Options, 'default' | 'sort' | 'filter'>>(
  target: Target | 'self',
  options: O = {} as O,
): ReferenceField<OrNull<O, z.ZodInt>, OrNull<O, z.ZodInt>, PresenceOf<O>> {
  const field = fieldOf(options, {
    schema: z.int(),
    body: z.int().positive(),
    column: { type: DataTypes.BIGINT },
    sort: undefined,
    filters: integerFilters,
  });
  return { ...field, target } as never;
}

/** The kinds of fields that a `resource` is made of. */
export const field = { text, choice, integer, number, boolean, time, typed, custom, computed, reference };
