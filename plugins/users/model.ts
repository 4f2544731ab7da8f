import { DataTypes, type InferAttributes, type InferCreationAttributes, Model } from 'sequelize';
import { defineModel, type Role, roles } from '#core';

class UserModel extends Model<InferAttributes<UserModel>, InferCreationAttributes<UserModel>> {
  declare id: number;
  declare email: string;
  declare name: string;
  declare role: Role;
  declare passwordHash: string;
  declare active: boolean;
  declare mustChangePassword: boolean;
  declare lastLoginAt: Date | null;
  declare version: number;
  declare createdAt: Date;
  declare updatedAt: Date;
  declare createdBy: string | null;
  declare updatedBy: string | null;
}

class ApiTokenModel extends Model<InferAttributes<ApiTokenModel>, InferCreationAttributes<ApiTokenModel>> {
  declare id: number;
  declare userId: number;
  declare name: string;
  declare role: Role;
  declare tokenHash: Buffer;
  declare allowedCidrs: string[];
  declare expiresAt: Date | null;
  declare lastUsedAt: Date | null;
  declare createdAt: Date;
  declare createdBy: string | null;
}

/** A token that programs send instead of signing in; `lastUsedAt` is set by using it and is no change of the record. */
export const ApiToken = defineModel(ApiTokenModel, {
  table: 'api_token',
  columns: {
    id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    userId: {
      type: DataTypes.BIGINT,
      allowNull: false,
      references: { model: 'app_user', key: 'id' },
    },
    name: { type: DataTypes.TEXT, allowNull: false },
    role: { type: DataTypes.TEXT, allowNull: false, validate: { isIn: [[...roles]] } },
    tokenHash: { type: DataTypes.BLOB, allowNull: false },
    allowedCidrs: { type: DataTypes.ARRAY(DataTypes.TEXT), allowNull: false, defaultValue: [] },
    expiresAt: { type: DataTypes.DATE },
    lastUsedAt: { type: DataTypes.DATE },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    createdBy: { type: DataTypes.TEXT },
  },
  derived: ['lastUsedAt'],
  secret: ['tokenHash'],
});

/** A person who signs in with e-mail and password; `lastLoginAt` is set by signing in and is no change of the record. */
export const User = defineModel(UserModel, {
  table: 'app_user',
  key: ['email'],
  search: { title: 'email', context: ['name'], text: ['email', 'name'] },
  columns: {
    id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    email: { type: DataTypes.TEXT, allowNull: false },
    name: { type: DataTypes.TEXT, allowNull: false },
    role: { type: DataTypes.TEXT, allowNull: false, validate: { isIn: [[...roles]] } },
    passwordHash: { type: DataTypes.TEXT, allowNull: false },
    active: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
    mustChangePassword: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
    lastLoginAt: { type: DataTypes.DATE },
    version: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 1 },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    updatedAt: { type: DataTypes.DATE, allowNull: false },
    createdBy: { type: DataTypes.TEXT },
    updatedBy: { type: DataTypes.TEXT },
  },
  derived: ['lastLoginAt'],
  secret: ['passwordHash'],
});
