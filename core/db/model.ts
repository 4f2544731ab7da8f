import type { Attributes, Model, ModelAttributes, ModelStatic, Sequelize } from 'sequelize';
import type { SearchFact } from './search-fact.ts';

type Column<M extends Model> = keyof Attributes<M> & string;

/** A table as a plugin declares it: the class with its `declare` fields, the table's name, and its columns. */
export interface ModelDefinition<M extends Model = Model> {
  readonly model: ModelStatic<M>;
  readonly table: string;
  readonly columns: ModelAttributes<M, Attributes<M>>;
  /** What one record is called in the audit log and in paths: `subnet`, `vlan-group`. */
  readonly entity: string;
  /** What tells a record from others to a person, the most telling column last: `vrfId`, `address`. */
  readonly key: readonly Column<M>[];
  /** Columns that the database derives: outside audit, `version` and `updatedAt`, and never written by a client. */
  readonly derived: readonly Column<M>[];
  /**
   * SQL over the row's columns, true where the row lies in one of the branches that the transaction is confined to:
   * `in_branches(vrf_id, cidr)`. Left out, nobody who is confined writes the table at all; `true`, everybody does.
   */
  readonly place?: string;
  /** Columns whose values never leave the process: not in the panel, the audit log or an export. */
  readonly secret: readonly Column<M>[];
  /**
   * Columns by which a record lays claim to records of other tables: writing one has the database write those too. Whoever puts
   * records back or takes them away by hand clears these first and fills them last.
   */
  readonly claims: readonly Column<M>[];
  /** How a record is found by what somebody types; left out, the search over all models leaves it out. */
  readonly search?: SearchFact<Column<M>>;
  /** False: what machines note by themselves, over and over; the audit log leaves it out. */
  readonly audited: boolean;
}

interface ModelOptions<M extends Model> {
  table: string;
  columns: ModelAttributes<M, Attributes<M>>;
  /** Left out, it is the name of the class: `VlanGroup` and `VlanGroupModel` are `vlan-group`. */
  entity?: string;
  /** Left out, it is the primary key. */
  key?: readonly Column<M>[];
  derived?: readonly Column<M>[];
  place?: string;
  secret?: readonly Column<M>[];
  claims?: readonly Column<M>[];
  search?: SearchFact<Column<M>>;
  audited?: boolean;
}

/** Declares a model; the host binds it to its own connection, so that two hosts in one process do not meet. */
export function defineModel<M extends Model>(
  model: ModelStatic<M>,
  options: ModelOptions<M>,
): ModelDefinition<M> {
  const { entity = entityOf(model.name), key = primaryKeyOf(options.columns) } = options;
  return Object.freeze({
    derived: [],
    secret: [],
    claims: [],
    audited: true,
    ...options,
    entity,
    key: key as Column<M>[],
    model,
  });
}

function entityOf(name: string): string {
  return name
    .replace(/Model$/, '')
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase();
}

function primaryKeyOf(columns: object): string[] {
  return Object.entries(columns as Record<string, { primaryKey?: boolean }>)
    .filter(([, column]) => column.primaryKey)
    .map(([name]) => name);
}

/** Binds a definition to a connection, as a subclass of the declared class; Sequelize writes into columns, so it gets copies. */
export function bindModel<M extends Model>(
  definition: ModelDefinition<M>,
  sequelize: Sequelize,
): ModelStatic<M> {
  const Declared = definition.model as ModelStatic<Model>;
  const Bound = class extends Declared {};
  const columns = Object.entries(definition.columns as Record<string, object>).map(([name, column]) => [
    name,
    'type' in column ? { ...column } : column,
  ]);
  Bound.init(Object.fromEntries(columns) as ModelAttributes, {
    sequelize,
    modelName: Declared.name,
    tableName: definition.table,
  });
  return Bound as unknown as ModelStatic<M>;
}
