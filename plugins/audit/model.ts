import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type ModelAttributes,
} from 'sequelize';
import { defineModel } from '#core';

class AuditLogModel extends Model<InferAttributes<AuditLogModel>, InferCreationAttributes<AuditLogModel>> {
  declare id: number;
  declare at: Date;
  declare changeId: string;
  declare actor: string;
  declare dbUser: string;
  declare source: string;
  declare sourceAddress: string | null;
  declare requestId: string | null;
  declare action: string;
  declare entity: string;
  declare entityId: string;
  declare subject: string;
  declare key: Record<string, unknown>;
  declare secrets: string[] | null;
  declare before: Record<string, unknown> | null;
  declare after: Record<string, unknown> | null;
}

/** The audit log; the database refuses every change of it. */
export const AuditLog = defineModel(AuditLogModel, {
  table: 'audit_log',
  // What is written of a change lies where the change does.
  place: 'true',
  columns: {
    id: { type: DataTypes.BIGINT, primaryKey: true },
    at: { type: DataTypes.DATE, allowNull: false },
    changeId: { type: DataTypes.UUID, allowNull: false },
    actor: { type: DataTypes.TEXT, allowNull: false },
    dbUser: { type: DataTypes.TEXT, allowNull: false },
    source: {
      type: DataTypes.TEXT,
      allowNull: false,
      validate: { isIn: [['rest', 'panel', 'job', 'cli', 'db']] },
    },
    sourceAddress: DataTypes.INET,
    requestId: DataTypes.TEXT,
    action: { type: DataTypes.TEXT, allowNull: false, validate: { isIn: [['create', 'update', 'delete']] } },
    entity: { type: DataTypes.TEXT, allowNull: false },
    entityId: { type: DataTypes.TEXT, allowNull: false },
    subject: { type: DataTypes.TEXT, allowNull: false },
    key: { type: DataTypes.JSONB, allowNull: false },
    secrets: DataTypes.ARRAY(DataTypes.TEXT),
    before: DataTypes.JSONB,
    after: DataTypes.JSONB,
  } as ModelAttributes<AuditLogModel>,
});
