import { DataTypes, Model } from 'sequelize';
import { defineModel, definePlugin } from '#core';

/** A plugin whose records have secrets, times, JSON, a name that SQL reserves, and go with others. */
class Site extends Model {
  declare id: number;
  declare name: string;
}
class Safe extends Model {
  declare id: number;
  declare siteId: number;
  declare label: string;
  declare combination: string | null;
  declare openedAt: Date | null;
  declare papers: unknown;
  declare order: unknown;
  declare timesOpened: number;
}
const id = { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true };
const common = {
  version: DataTypes.INTEGER,
  createdAt: DataTypes.DATE,
  updatedAt: DataTypes.DATE,
  createdBy: DataTypes.TEXT,
  updatedBy: DataTypes.TEXT,
};

export const safes = definePlugin({
  name: 'safes',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Safes at sites.',
  migrations: new URL('./migrations/', import.meta.url),
  models: {
    Site: defineModel(Site, {
      table: 'site',
      key: ['name'] as never,
      columns: { id, name: DataTypes.TEXT } as never,
    }),
    Safe: defineModel(Safe, {
      table: 'safe',
      entity: 'strong-box',
      key: ['siteId', 'label'] as never,
      derived: ['timesOpened'] as never,
      secret: ['combination'] as never,
      columns: {
        id,
        siteId: { type: DataTypes.BIGINT, references: { model: 'site', key: 'id' } },
        label: DataTypes.TEXT,
        combination: DataTypes.TEXT,
        openedAt: DataTypes.DATE,
        papers: DataTypes.JSONB,
        order: DataTypes.JSON,
        timesOpened: DataTypes.INTEGER,
        ...common,
      } as never,
    }),
  },
  setup: () => undefined,
});
