import { type CreationOptional, DataTypes, Model } from 'sequelize';
import { z } from 'zod';
import { integerFilters, labelFilters, textFilters, timeFilters } from '../http/filters.ts';
import { metadataField, tagsField, timestamps } from '../http/schemas.ts';

/** The value of a custom field: text, a number, or true or false. */
export type CustomValue = string | number | boolean;

/** A model whose rows say how often, when and by whom they were written. */
export abstract class StampedModel<Attributes extends object, Creation extends object> extends Model<
  Attributes,
  Creation
> {
  declare version: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
  declare createdBy: CreationOptional<string>;
  declare updatedBy: CreationOptional<string>;
}

/** A model whose rows end with what every record has: `class Rack extends RecordModel<InferAttributes<Rack>, InferCreationAttributes<Rack>>`. */
export abstract class RecordModel<Attributes extends object, Creation extends object> extends StampedModel<
  Attributes,
  Creation
> {
  declare description: string | null;
  declare tags: CreationOptional<string[]>;
  declare metadata: CreationOptional<Record<string, unknown>>;
  declare customFields: CreationOptional<Record<string, CustomValue>>;
}

/** The columns of a {@link StampedModel}. */
export const stampColumns = {
  version: DataTypes.INTEGER,
  createdAt: DataTypes.DATE,
  updatedAt: DataTypes.DATE,
  createdBy: DataTypes.TEXT,
  updatedBy: DataTypes.TEXT,
};

/** The columns of a {@link RecordModel}. */
export const commonColumns = {
  description: DataTypes.TEXT,
  tags: { type: DataTypes.ARRAY(DataTypes.TEXT), allowNull: false, defaultValue: [] },
  metadata: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
  customFields: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
  ...stampColumns,
};

/** The column `id`, which the database counts up. */
export const idColumn = { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true };

/** A column that names a row of another table: the panel shows that row's title. */
export const referenceColumn = (table: string) => ({
  type: DataTypes.BIGINT,
  references: { model: table, key: 'id' },
});

/** A column with a closed list of values. */
export const choiceColumn = (values: readonly string[]) => ({
  type: DataTypes.TEXT,
  validate: { isIn: [[...values]] },
});

/** Values of custom fields by name, as a body has them: null takes one away. */
export const customFieldsField = z.record(
  z.string().min(1).max(100),
  z.union([z.string().max(4000), z.number(), z.boolean(), z.null()]),
);

/** What every record's bodies take. */
export const commonBody = {
  description: z.string().max(2000).nullish(),
  tags: tagsField.optional(),
  metadata: metadataField.optional(),
  customFields: customFieldsField.optional().meta({
    description:
      'Values of custom fields by name. Those that are not named stay as they are; null takes one away.',
  }),
};

/** What every record shows of itself beside the fields of its own. */
export const commonSchema = {
  description: z.string().nullable(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.json()),
  customFields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  ...timestamps,
};

/** The fields, orders and filters of a list whose records are stamped, under the alias of their table. */
export function stampListing(alias: string) {
  return {
    fields: {
      version: `${alias}.version`,
      createdAt: `${alias}.created_at`,
      updatedAt: `${alias}.updated_at`,
      createdBy: `${alias}.created_by`,
      updatedBy: `${alias}.updated_by`,
    },
    sorts: {
      id: { sql: `${alias}.id`, type: 'bigint' },
      createdAt: { sql: `${alias}.created_at`, type: 'timestamptz' },
      updatedAt: { sql: `${alias}.updated_at`, type: 'timestamptz' },
    },
    filters: {
      ...integerFilters('id', `${alias}.id`),
      ...timeFilters('createdAt', `${alias}.created_at`),
      ...timeFilters('updatedAt', `${alias}.updated_at`),
      ...textFilters('createdBy', `${alias}.created_by`),
      ...textFilters('updatedBy', `${alias}.updated_by`),
    },
  };
}

/** The fields, orders and filters that every list of records has, under the alias of their table. */
export function commonListing(alias: string) {
  const { fields, sorts, filters } = stampListing(alias);
  return {
    fields: {
      description: `${alias}.description`,
      tags: `${alias}.tags`,
      metadata: `${alias}.metadata`,
      customFields: `${alias}.custom_fields`,
      ...fields,
    },
    sorts,
    // In the order in which refusals name them, the most asked for first.
    filters: {
      ...integerFilters('id', `${alias}.id`),
      ...textFilters('description', `${alias}.description`),
      ...labelFilters('tag', `${alias}.tags`),
      ...filters,
    },
  };
}
