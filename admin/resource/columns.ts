import type { RegisteredModel } from '#core';

/** What a column holds, for reading, filtering and writing it: finer than SQL's type, coarser than a class for each. */
export type ColumnKind =
  | 'id'
  | 'reference'
  | 'text'
  | 'choice'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'moment'
  | 'day'
  | 'json'
  | 'fields'
  | 'runs'
  | 'labels'
  | 'color'
  | 'network'
  | 'mac'
  | 'uuid';

/** A column of a registered model, as the panel sees it. */
export interface Column {
  name: string;
  /** Its name in the table, quoted. */
  sql: string;
  kind: ColumnKind;
  /** Its SQL type, where it is the primary key. */
  idType: 'bigint' | 'uuid' | 'text';
  required: boolean;
  /** Whether it may hold nothing at all. */
  nullable: boolean;
  /** Whether it is filtered by the whole value alone. */
  exact: boolean;
  /** Whether it holds several of something, each written as JSON. */
  several: boolean;
  /** The closed list of values of a choice. */
  choices: readonly string[];
  /** What it holds where nothing is said, where that is text. */
  initial: string | undefined;
  /** The table that a reference points into. */
  references: string | undefined;
}

/** What Sequelize keeps of a column; its own types are generic over the model. */
interface Attribute {
  field?: string;
  type: { key?: string; values?: readonly string[]; type?: { key?: string } };
  allowNull?: boolean;
  defaultValue?: unknown;
  primaryKey?: boolean;
  references?: string | { model?: string | { tableName: string } };
  validate?: { isIn?: unknown };
}

const kinds: Readonly<Record<string, ColumnKind>> = {
  BIGINT: 'integer',
  INTEGER: 'integer',
  SMALLINT: 'integer',
  BOOLEAN: 'boolean',
  DATE: 'moment',
  DATEONLY: 'day',
  JSON: 'json',
  JSONB: 'json',
  CIDR: 'network',
  INET: 'network',
  MACADDR: 'mac',
  UUID: 'uuid',
  ENUM: 'choice',
  DECIMAL: 'number',
  FLOAT: 'number',
  REAL: 'number',
  'DOUBLE PRECISION': 'number',
};

const idTypes: Readonly<Record<string, Column['idType']>> = {
  BIGINT: 'bigint',
  INTEGER: 'bigint',
  SMALLINT: 'bigint',
  UUID: 'uuid',
};

function choicesOf({ type, validate }: Attribute): readonly string[] {
  const [isIn] = Array.isArray(validate?.isIn) ? (validate.isIn as unknown[]) : [];
  return type.values ?? (Array.isArray(isIn) ? isIn.map(String) : []);
}

function referenceOf({ references }: Attribute): string | undefined {
  const model = typeof references === 'string' ? references : references?.model;
  return typeof model === 'object' ? model.tableName : model;
}

function kindOf(name: string, attribute: Attribute): ColumnKind {
  if (name === 'customFields') return 'fields';
  if (attribute.primaryKey) return 'id';
  if (referenceOf(attribute) !== undefined) return 'reference';
  if (attribute.type.key === 'ARRAY') return attribute.type.type?.key === 'TEXT' ? 'labels' : 'json';
  if (choicesOf(attribute).length > 0) return 'choice';
  return kinds[attribute.type.key ?? ''] ?? 'text';
}

/** What the panel's view of a model says of a column, where its type alone does not tell. */
function saidKind(admin: RegisteredModel['admin'], name: string): ColumnKind | undefined {
  if (admin?.runs?.includes(name)) return 'runs';
  return admin?.colors?.includes(name) ? 'color' : undefined;
}

/** The columns of a model that may leave the process, in the order they were declared; secret ones are not among them. */
export function columnsOf({ model, definition, admin }: RegisteredModel): ReadonlyMap<string, Column> {
  const attributes = (model as unknown as { getAttributes(): Record<string, Attribute> }).getAttributes();
  const secret = new Set<string>(definition.secret);
  const columns = Object.entries(attributes)
    .filter(([name]) => !secret.has(name))
    .map(([name, attribute]): [string, Column] => [
      name,
      {
        name,
        sql: `"${attribute.field ?? name}"`,
        kind: saidKind(admin, name) ?? kindOf(name, attribute),
        idType: idTypes[attribute.type.key ?? ''] ?? 'text',
        required: attribute.allowNull === false && attribute.defaultValue === undefined,
        nullable: attribute.allowNull !== false,
        exact: admin?.exact?.includes(name) ?? false,
        several: attribute.type.key === 'ARRAY',
        choices: choicesOf(attribute),
        initial: typeof attribute.defaultValue === 'string' ? attribute.defaultValue : undefined,
        references: referenceOf(attribute),
      },
    ]);
  return new Map(columns);
}

/** The labels in a text with commas between them. */
export function labelsIn(text: string): string[] {
  return text
    .split(',')
    .map((label) => label.trim())
    .filter(Boolean);
}
