import { type RegisteredModel, type Registry, recordRoutes } from '#core';
import { attributesOf, bookkeeping, tableOf } from './columns.ts';

/** A column of a record as the log keeps it: what it is called on the wire, and in the table. */
export interface Field {
  readonly name: string;
  readonly column: string;
  readonly isMoment: boolean;
  /** The table of what it refers to. */
  readonly refersTo: string | undefined;
}

/** A part of the natural key, by its wire name (`vrf`, `address`); `of` is the entity that it names, where it is a reference. */
export interface KeyPart {
  readonly name: string;
  readonly field: Field;
  readonly of: string | undefined;
}

/** What the registry says of the records that the log calls by one name. */
export interface Entity {
  readonly name: string;
  readonly table: string;
  readonly model: RegisteredModel;
  /** Undefined where the primary key has several columns. */
  readonly id: Field | undefined;
  /** What people write: without the id, what the database derives, what is secret, and what every record keeps of itself. */
  readonly business: readonly Field[];
  /** What every record keeps of itself: its version, and who wrote it when. */
  readonly kept: readonly Field[];
  /** Those of them by which it lays claim to records of other tables. */
  readonly claims: readonly Field[];
  readonly secret: readonly Field[];
  readonly key: readonly KeyPart[];
  /** The tables of what it refers to. */
  readonly refersTo: ReadonlySet<string>;
  /** Where the API serves these records. */
  readonly collection: string | undefined;
}

/** All entities of the registry, by their names in the log. */
export type Entities = () => ReadonlyMap<string, Entity>;

function fieldsOf(registered: RegisteredModel): (Field & { isId: boolean })[] {
  return Object.entries(attributesOf(registered)).map(([name, attribute]) => ({
    name,
    column: attribute.field ?? name,
    isMoment: attribute.type.key === 'DATE',
    refersTo: tableOf(attribute),
    isId: attribute.primaryKey === true,
  }));
}

function entityOf(registered: RegisteredModel, registry: Registry): Entity {
  const { definition, admin } = registered;
  const fields = fieldsOf(registered);
  const ids = fields.filter(({ isId }) => isId);
  const apart = new Set<string>([...definition.derived, ...definition.secret, ...bookkeeping]);
  const business = fields.filter(({ name, isId }) => !isId && !apart.has(name));
  return {
    name: definition.entity,
    table: definition.table,
    model: registered,
    id: ids.length === 1 ? ids[0] : undefined,
    business,
    kept: fields.filter(({ name }) => bookkeeping.has(name)),
    claims: business.filter(({ name }) => (definition.claims as readonly string[]).includes(name)),
    secret: fields.filter(({ name }) => (definition.secret as readonly string[]).includes(name)),
    key: definition.key.flatMap((name) => {
      const field = fields.find((each) => each.name === name);
      const of = registry.models.find((each) => each.definition.table === field?.refersTo)?.definition.entity;
      return field ? [{ name: of ? name.replace(/Id$/, '') : name, field, of }] : [];
    }),
    refersTo: new Set(fields.flatMap(({ refersTo }) => refersTo ?? [])),
    collection: recordRoutes(admin?.rest, registry).read ? admin?.rest : undefined,
  };
}

/** Reads the registry, once, when it is first asked for: it is complete only after the start. */
export function createEntities(registry: () => Registry): Entities {
  let known: ReadonlyMap<string, Entity> | undefined;
  return () => {
    known ??= new Map(
      registry()
        .models.filter(({ owner, definition }) => owner !== 'audit' && definition.audited)
        .map((model) => [model.definition.entity, entityOf(model, registry())] as const),
    );
    return known;
  };
}

/** A name as SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
