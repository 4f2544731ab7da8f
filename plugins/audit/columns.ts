import type { RegisteredModel } from '#core';

/** What Sequelize keeps of a column; its own types are generic over the model. */
interface Attribute {
  field?: string;
  type: ColumnType;
  primaryKey?: boolean;
  allowNull?: boolean;
  references?: string | { model?: string | { tableName: string } };
}
interface ColumnType {
  key?: string;
  type?: ColumnType;
}

/** What is no business of a record, beside its primary key and what its model says. */
export const bookkeeping: ReadonlySet<string> = new Set([
  'version',
  'createdAt',
  'updatedAt',
  'createdBy',
  'updatedBy',
]);

/** A part of a natural key. */
export interface KeyPart {
  /** On the wire: `address`; of a reference what it refers to: `vrf`. */
  name: string;
  /** Quoted. */
  column: string;
  /** The table that it refers to. */
  refersTo: string | undefined;
}

/** The columns of a table as the audit log sees them, by their names in the table. */
export interface AuditedColumns {
  primaryKey: readonly string[];
  key: readonly KeyPart[];
  /** What is kept and is never NULL. */
  filled: readonly string[];
  /** What is kept and may be NULL. */
  plain: readonly string[];
  /** The same, with nulls of JSON inside. */
  json: readonly string[];
  secret: readonly string[];
  /** What a record keeps of itself, and a record that is put back goes on from: its version, and who made it when. */
  origin: readonly string[];
}

/** The columns of a model as Sequelize keeps them, by their names on the wire. */
export function attributesOf({ model }: Pick<RegisteredModel, 'model'>): Record<string, Attribute> {
  return (model as unknown as { getAttributes(): Record<string, Attribute> }).getAttributes();
}

/** Tells which columns of a model are audited, and how. */
export function auditedColumns(registered: RegisteredModel): AuditedColumns {
  const { definition } = registered;
  const attributes = attributesOf(registered);
  const names = Object.keys(attributes);
  const columnOf = (name: string) => attributes[name]?.field ?? name;
  const [derived, secret] = [new Set<string>(definition.derived), new Set<string>(definition.secret)];
  const isKey = (name: string) => attributes[name]?.primaryKey === true;
  const kept = names.filter(
    (name) => !bookkeeping.has(name) && !derived.has(name) && !secret.has(name) && !isKey(name),
  );
  const isFilled = (name: string) => attributes[name]?.allowNull === false;
  const hasJson = (name: string) => holdsJson(attributes[name]?.type);
  return {
    primaryKey: names.filter(isKey).map(columnOf),
    key: definition.key.map((name) => {
      const refersTo = tableOf(attributes[name]);
      return { name: refersTo ? name.replace(/Id$/, '') : name, column: columnOf(name), refersTo };
    }),
    filled: kept.filter(isFilled).map(columnOf),
    plain: kept.filter((name) => !isFilled(name) && !hasJson(name)).map(columnOf),
    json: kept.filter((name) => !isFilled(name) && hasJson(name)).map(columnOf),
    secret: [...secret].map(columnOf),
    origin: ['version', 'createdAt', 'createdBy'].filter((name) => names.includes(name)).map(columnOf),
  };
}

function holdsJson(type: ColumnType | undefined): boolean {
  return type !== undefined && (type.key === 'JSON' || type.key === 'JSONB' || holdsJson(type.type));
}

/** The table that a column refers to. */
export function tableOf(attribute: Attribute | undefined): string | undefined {
  const references = attribute?.references;
  const model = typeof references === 'string' ? references : references?.model;
  return typeof model === 'object' ? model.tableName : model;
}
