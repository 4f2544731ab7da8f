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

/** A person who signs in with e-mail and password; `lastLoginAt` is set by signing in and is no change of the record. */
export const User = defineModel(UserModel, {
  table: 'app_user',
  key: ['email'],
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
