import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelAttributes,
} from 'sequelize';
import { commonColumns, defineModel, idColumn, RecordModel } from '#core';

class Pool extends RecordModel<InferAttributes<Pool>, InferCreationAttributes<Pool>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare members: CreationOptional<number[]>;
  declare strategy: string | null;
  declare defaultPrefixLength: number | null;
}

/** The tables of this plugin as the registry knows them. */
export const models = {
  Pool: defineModel(Pool, {
    table: 'pool',
    place: 'members_in_branches(members)',
    key: ['name'],
    search: { title: 'name', text: ['name'], notes: ['description'], tags: true },
    columns: {
      id: idColumn,
      name: { type: DataTypes.TEXT, allowNull: false },
      members: { type: DataTypes.ARRAY(DataTypes.BIGINT), allowNull: false },
      strategy: DataTypes.TEXT,
      defaultPrefixLength: DataTypes.SMALLINT,
      ...commonColumns,
    } as ModelAttributes<Pool>,
  }),
};
