import { DataTypes, type InferAttributes, type InferCreationAttributes, Model } from 'sequelize';
import { z } from 'zod';
import { defineModel, definePlugin } from '#core';

class CircuitModel extends Model<InferAttributes<CircuitModel>, InferCreationAttributes<CircuitModel>> {
  declare id: number;
  declare name: string;
  declare prefix: string | null;
  declare mac: string | null;
  declare state: string;
  declare carrierId: number | null;
  declare terms: Record<string, unknown>;
  declare channels: { start: number; end: number }[];
  declare labels: string[];
  declare bytes: number | null;
  declare live: boolean;
  declare since: Date | null;
  declare secretCode: string | null;
  declare version: number;
}

class CarrierModel extends Model<InferAttributes<CarrierModel>, InferCreationAttributes<CarrierModel>> {
  declare id: number;
  declare name: string;
}

const id = { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true };

const Circuit = defineModel(CircuitModel, {
  table: 'circuit',
  secret: ['secretCode'],
  columns: {
    id,
    name: { type: DataTypes.TEXT, allowNull: false },
    prefix: DataTypes.CIDR,
    mac: DataTypes.MACADDR,
    state: { type: DataTypes.TEXT, validate: { isIn: [['planned', 'in.service']] }, defaultValue: 'planned' },
    carrierId: { type: DataTypes.BIGINT, references: { model: 'carrier', key: 'id' } },
    terms: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
    channels: { type: DataTypes.JSONB, allowNull: false, defaultValue: [] },
    labels: { type: DataTypes.ARRAY(DataTypes.TEXT), allowNull: false, defaultValue: [] },
    bytes: DataTypes.BIGINT,
    live: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
    since: DataTypes.DATE,
    secretCode: DataTypes.TEXT,
    version: DataTypes.INTEGER,
  },
});

const Carrier = defineModel(CarrierModel, {
  table: 'carrier',
  columns: { id, name: { type: DataTypes.TEXT, allowNull: false } },
});

/** A plugin as a third party might write it: two models, hardly a word about the panel but who may see them. */
export const circuits = definePlugin({
  name: 'circuits',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps circuits and their carriers.',
  config: z.object({}),
  models: { Circuit, Carrier },
  migrations: new URL('./migrations/', import.meta.url),
  permissions: {
    'circuits:read': { label: 'See circuits', roles: ['admin', 'engineer', 'auditor', 'viewer'] },
    'circuits:write': { label: 'Change circuits', roles: ['admin', 'engineer'] },
  },
  admin: {
    Circuit: { read: 'circuits:read', write: 'circuits:write', runs: ['channels'] },
    Carrier: { read: 'circuits:read', write: 'circuits:write' },
  },
  setup: () => undefined,
});
