import type { RegisteredModel, Registry, RunQuery, Tx } from '#core';
import { lockForLabel } from '#plugins/subnets';

/** A kind of record that carries labels, in a column `tags`. */
interface Carrier {
  /** `subnet`, as the audit log calls it. */
  entity: string;
  /** Quoted, like the columns. */
  table: string;
  tags: string;
  key: string;
}

/** How many records of each kind carry a label, by entity; every kind is named. */
export type Usage = Readonly<Record<string, number>>;

/** The labels of all registered records, whatever plugin they come from. */
export interface Labels {
  /** What carries each of some labels, in their order; one statement for all kinds of record. */
  usage(query: RunQuery, labels: readonly string[]): Promise<Usage[]>;
  /** Puts another label in the place of one, everywhere, or takes it away; who has both then has it once. */
  replace(tx: Tx, label: string, by: string | null): Promise<void>;
}

/** What Sequelize keeps of a column; its own types are generic over the model. */
interface Attribute {
  field?: string;
  type: { key?: string; type?: { key?: string } };
  primaryKey?: boolean;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function carrierOf({ model, definition }: RegisteredModel): Carrier | undefined {
  const attributes = (model as unknown as { getAttributes(): Record<string, Attribute> }).getAttributes();
  const { tags } = attributes;
  if (tags?.type.key !== 'ARRAY' || tags.type.type?.key !== 'TEXT') return undefined;
  const keys = Object.entries(attributes).filter(([, { primaryKey }]) => primaryKey);
  return {
    entity: definition.entity,
    table: quoted(definition.table),
    tags: quoted(tags.field ?? 'tags'),
    key: keys.map(([name, { field }]) => quoted(field ?? name)).join(', '),
  };
}

/** Reads the registry, once, when it is first asked for: it is complete only after the start. */
export function createLabels(registry: () => Registry): Labels {
  let known: readonly Carrier[] | undefined;
  const carriers = () => {
    known ??= registry().models.flatMap((model) => carrierOf(model) ?? []);
    return known;
  };

  // `<> '{}'` is said each time, so that an index of those that have any serves it.
  const usageOf = ({ table, tags }: Carrier, nth: number) =>
    `SELECT ${nth} AS nth, label, count(*) AS n FROM ${table} CROSS JOIN unnest(${tags}) label
      WHERE ${tags} <> '{}' AND ${tags} && $1::text[] AND label = ANY ($1::text[]) GROUP BY label`;
  const carry = ({ tags }: Carrier) => `${tags} <> '{}' AND ${tags} @> ARRAY[$1::text]`;
  const lock = (carrier: Carrier) =>
    `SELECT count(*) FROM (
       SELECT FROM ${carrier.table} WHERE ${carry(carrier)} ORDER BY ${carrier.key} FOR NO KEY UPDATE) held`;
  const replace = (carrier: Carrier) =>
    `UPDATE ${carrier.table} SET ${carrier.tags} = CASE
         WHEN $2::text IS NULL OR ${carrier.tags} @> ARRAY[$2::text] THEN array_remove(${carrier.tags}, $1::text)
         ELSE array_replace(${carrier.tags}, $1::text, $2::text) END
      WHERE ${carry(carrier)}`;

  return {
    async usage(query, labels) {
      const text = carriers().map(usageOf).join('\nUNION ALL ');
      const rows = await query<{ nth: number; label: string; n: number }>(text, [labels]);
      const counted = new Map(rows.map(({ nth, label, n }) => [`${nth} ${label}`, n]));
      return labels.map((label) =>
        Object.fromEntries(
          carriers().map(({ entity }, nth) => [entity, counted.get(`${nth} ${label}`) ?? 0]),
        ),
      );
    },

    async replace(tx, label, by) {
      await lockForLabel(tx, label);
      for (const carrier of carriers()) {
        await tx.query(lock(carrier), [label]);
        await tx.query(replace(carrier), [label, by]);
      }
    },
  };
}
