import type { RunQuery, Tx } from '#core';
import type { Image } from '../images.ts';

/** What taking back does with a record: `remove` what came into being, `create` what went, `change` what was changed. */
export type Undo = 'remove' | 'create' | 'change';

/** What the records of a change have in common, by what is to be done with them. */
export interface Group {
  entity: string;
  undo: Undo;
}

/** A record of a change, from before its first line in the log to behind its last. */
export interface Item extends Group {
  id: string;
  key: Record<string, unknown>;
  before: Image | null;
  after: Image | null;
  /** The first line, which gives the order. */
  first: number;
}

/** Several lines of one record are one item, which was as the first says and became what the last says; a record that went left `last`. */
const gather = `INSERT INTO change_item (entity, id, undo, key, before, after, last, first)
  SELECT entity, id, CASE WHEN before IS NULL THEN 'remove' WHEN after IS NULL THEN 'create' ELSE 'change' END,
         key, before, after, last, first
    FROM (SELECT entity, entity_id AS id, min(id) AS first, (array_agg(key ORDER BY id DESC))[1] AS key,
                 (array_agg(before ORDER BY id))[1] AS before, (array_agg(after ORDER BY id DESC))[1] AS after,
                 (array_agg(before ORDER BY id DESC))[1] AS last
            FROM audit_log WHERE change_id = $1 GROUP BY entity, entity_id) line
    WHERE before IS DISTINCT FROM after`;

/**
 * Gathers the records of a change in a table of this transaction, `change_item`, so that however many they are, each step is one
 * statement. Answers whether the log has the change at all.
 */
export async function gatherItems({ query }: Tx, changeId: string): Promise<boolean> {
  await query(`CREATE TEMP TABLE change_item (entity text NOT NULL, id text NOT NULL, undo text NOT NULL, key jsonb NOT NULL,
    before jsonb, after jsonb, last jsonb, first bigint NOT NULL) ON COMMIT DROP`);
  await query(gather, [changeId]);
  // Nobody else analyses a temporary table, and without that thousands of records are joined like ten.
  await query('ANALYZE change_item');
  const [line] = await query('SELECT FROM audit_log WHERE change_id = $1 LIMIT 1', [changeId]);
  return line !== undefined;
}

/** What is to be done with which records. */
export function groupsOf(query: RunQuery): Promise<Group[]> {
  return query<Group>('SELECT DISTINCT entity, undo FROM change_item ORDER BY entity, undo');
}

/** Up to `limit` records in the order of the change, behind one of them; and how many there are in all. */
export async function readItems(
  query: RunQuery,
  { limit, after = 0 }: { limit: number; after?: number },
): Promise<{ items: Item[]; total: number }> {
  const items = await query<Item>(
    'SELECT entity, id, undo, key, before, after, first FROM change_item WHERE first > $1 ORDER BY first LIMIT $2',
    [after, limit],
  );
  const [counted] = await query<{ n: number }>('SELECT count(*) AS n FROM change_item');
  return { items, total: counted?.n ?? 0 };
}
