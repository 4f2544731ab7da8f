import type { RunQuery } from '#core';

/** A row of the log, as it lies in the table. */
export interface LogRow {
  at: string;
  actor: string;
  dbUser: string;
  source: string;
  sourceAddress: string | null;
  requestId: string | null;
  changeId: string;
  action: string;
  entity: string;
  entityId: string;
  subject: string;
  key: Record<string, unknown>;
  secrets: string[] | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What was written into the log since it was asked the last time, in the order of writing. */
export function logReader(query: RunQuery): () => Promise<LogRow[]> {
  let last = 0;
  return async () => {
    const rows = await query<LogRow & { id: number }>(
      `SELECT id, at, actor, db_user AS "dbUser", source, source_address AS "sourceAddress", request_id AS "requestId",
              change_id AS "changeId", action, entity, entity_id AS "entityId", subject, key, secrets, before, after
         FROM audit_log WHERE id > $1 ORDER BY id`,
      [last],
    );
    last = rows.at(-1)?.id ?? last;
    return rows;
  };
}

/** A row in short: `update address 10.0.0.1`. */
export const inShort = ({ action, entity, subject }: LogRow) => `${action} ${entity} ${subject}`;
