import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type ModelAttributes,
} from 'sequelize';
import { defineModel } from '#core';
import { grantedRoles } from './schemas.ts';

class GrantModel extends Model<InferAttributes<GrantModel>, InferCreationAttributes<GrantModel>> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare role: string;
  declare vrfId: number;
  declare cidr: string;
  declare version: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
  declare createdBy: CreationOptional<string>;
  declare updatedBy: CreationOptional<string>;
}

/** A role that a user has on a branch of the tree. */
export const Grant = defineModel(GrantModel, {
  table: 'branch_grant',
  key: ['userId', 'role', 'vrfId', 'cidr'],
  columns: {
    id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    userId: { type: DataTypes.BIGINT, allowNull: false, references: { model: 'app_user', key: 'id' } },
    role: { type: DataTypes.TEXT, allowNull: false, validate: { isIn: [[...grantedRoles]] } },
    vrfId: { type: DataTypes.BIGINT, allowNull: false, references: { model: 'vrf', key: 'id' } },
    cidr: { type: DataTypes.CIDR, allowNull: false },
    version: DataTypes.INTEGER,
    createdAt: DataTypes.DATE,
    updatedAt: DataTypes.DATE,
    createdBy: DataTypes.TEXT,
    updatedBy: DataTypes.TEXT,
  } as ModelAttributes<GrantModel>,
});
