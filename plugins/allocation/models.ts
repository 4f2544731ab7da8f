import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type ModelAttributes,
} from 'sequelize';
import { defineModel } from '#core';

class Pool extends Model<InferAttributes<Pool>, InferCreationAttributes<Pool>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare members: CreationOptional<number[]>;
  declare strategy: string | null;
  declare defaultPrefixLength: number | null;
  declare description: string | null;
  declare tags: CreationOptional<string[]>;
  declare metadata: CreationOptional<Record<string, unknown>>;
  declare version: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
  declare createdBy: CreationOptional<string>;
  declare updatedBy: CreationOptional<string>;
}

/** The tables of this plugin as the registry knows them. */
export const models = {
  Pool: defineModel(Pool, {
    table: 'pool',
    place: 'members_in_branches(members)',
    key: ['name'],
    search: { title: 'name', text: ['name'], notes: ['description'], tags: true },
    columns: {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      members: { type: DataTypes.ARRAY(DataTypes.BIGINT), allowNull: false },
      strategy: DataTypes.TEXT,
      defaultPrefixLength: DataTypes.SMALLINT,
      description: DataTypes.TEXT,
      tags: { type: DataTypes.ARRAY(DataTypes.TEXT), allowNull: false, defaultValue: [] },
      metadata: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
      version: DataTypes.INTEGER,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
      createdBy: DataTypes.TEXT,
      updatedBy: DataTypes.TEXT,
    } as ModelAttributes<Pool>,
  }),
};
