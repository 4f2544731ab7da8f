import type { Attributes, Model, ModelAttributes, ModelStatic, Sequelize } from 'sequelize';

/** A table as a plugin declares it: the class with its `declare` fields, the table's name, and its columns. */
export interface ModelDefinition<M extends Model = Model> {
  readonly model: ModelStatic<M>;
  readonly table: string;
  readonly columns: ModelAttributes<M, Attributes<M>>;
  /** Columns that the database derives: outside audit, `version` and `updatedAt`, and never written by a client. */
  readonly derived: readonly (keyof Attributes<M> & string)[];
  /**
   * SQL over the row's columns, true where the row lies in one of the branches that the transaction is confined to:
   * `in_branches(vrf_id, cidr)`. Left out, nobody who is confined writes the table at all.
   */
  readonly place?: string;
  /** Columns whose values never leave the process: not in the panel, the audit log or an export. */
  readonly secret: readonly (keyof Attributes<M> & string)[];
}

interface ModelOptions<M extends Model> {
  table: string;
  columns: ModelAttributes<M, Attributes<M>>;
  derived?: readonly (keyof Attributes<M> & string)[];
  place?: string;
  secret?: readonly (keyof Attributes<M> & string)[];
}

/** Declares a model; the host binds it to its own connection, so that two hosts in one process do not meet. */
export function defineModel<M extends Model>(
  model: ModelStatic<M>,
  options: ModelOptions<M>,
): ModelDefinition<M> {
  return Object.freeze({ derived: [], secret: [], ...options, model });
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
