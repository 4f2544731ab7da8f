import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelAttributes,
} from 'sequelize';
import { choiceColumn, defineModel, idColumn, StampedModel, stampColumns } from '#core';
import { fieldTypes } from './schemas.ts';

class CustomFieldModel extends StampedModel<
  InferAttributes<CustomFieldModel>,
  InferCreationAttributes<CustomFieldModel>
> {
  declare id: CreationOptional<number>;
  declare model: string;
  declare name: string;
  declare label: string | null;
  declare description: string | null;
  declare type: string;
  declare required: CreationOptional<boolean>;
  declare default: unknown;
  declare pattern: string | null;
  declare options: string[] | null;
  declare minimum: string | null;
  declare maximum: string | null;
  declare ofTable: CreationOptional<string>;
}

/** What the records of a model may say beyond their columns. */
export const CustomField = defineModel(CustomFieldModel, {
  table: 'custom_field',
  entity: 'custom-field',
  key: ['model', 'name'],
  columns: {
    id: idColumn,
    model: { type: DataTypes.TEXT, allowNull: false },
    name: { type: DataTypes.TEXT, allowNull: false },
    label: DataTypes.TEXT,
    description: DataTypes.TEXT,
    type: { ...choiceColumn(fieldTypes), allowNull: false },
    required: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
    default: { type: DataTypes.JSONB, field: 'default_value' },
    pattern: DataTypes.TEXT,
    options: { type: DataTypes.ARRAY(DataTypes.TEXT) },
    minimum: DataTypes.DECIMAL,
    maximum: DataTypes.DECIMAL,
    ofTable: { type: DataTypes.TEXT, allowNull: false },
    ...stampColumns,
  } as ModelAttributes<CustomFieldModel>,
  derived: ['ofTable'],
});
