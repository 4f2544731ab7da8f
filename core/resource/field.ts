import type { ModelAttributeColumnOptions } from 'sequelize';
import type { z } from 'zod';
import type { Filter } from '../http/filters.ts';
import type { Target } from './target.ts';

/**
 * Whether a new record must say it, may say it, or cannot: a `derived` column is kept by the database, and what is `computed` has no
 * column at all.
 */
export type Presence = 'required' | 'optional' | 'derived' | 'computed';

/** One field of a record: how it travels, how it is kept, and by what it is found and sorted. */
export interface Field<
  Reply extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  P extends Presence = Presence,
> {
  /** What a record shows. */
  readonly schema: Reply;
  /** What a body takes. */
  readonly body: Body;
  readonly presence: P;
  /** Undefined where it is computed. */
  readonly column: ModelAttributeColumnOptions | undefined;
  readonly nullable: boolean;
  /** What a new record has where it is not told; undefined: what the database says. */
  readonly default: unknown;
  /** Its PostgreSQL type where a list can be sorted by it. */
  readonly sort: string | undefined;
  /** The collation of that order. */
  readonly collate?: string | undefined;
  /** Too long or too deep for a column of the panel's list. */
  readonly isLong?: boolean;
  filters(name: string, sql: string): Record<string, Filter>;
  /** The SQL that reads it; left out, its column as it is. */
  read?(alias: string): string;
  /** What a statement binds for a value; left out, the value. */
  write?(value: unknown): unknown;
}

/** A field that refers to a record of another table, or of its own. */
export interface ReferenceField<
  Reply extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  P extends Presence = Presence,
> extends Field<Reply, Body, P> {
  readonly target: Target | 'self';
}

export type Fields = Readonly<Record<string, Field>>;
