import { named } from '#core';
import { digestSql, type Seal } from './form.ts';

const utc = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** A row of the log as a seal sees it. */
export interface LogRow {
  id: number;
  xact: string;
  at: string;
  digest: Buffer;
}

/** The first rows between two positions, of those with ids above one and, unless NULL, up to another. */
export const logRows = named(
  'audit_log_rows',
  `SELECT a.id, a.xact::text AS xact, ${utc('a.at')} AS at, ${digestSql} AS digest
     FROM audit_log a
    WHERE (a.xact, a.id) > ($1::xid8, $2::bigint) AND (a.xact, a.id) <= ($3::xid8, $4::bigint)
      AND a.id > $5 AND ($6::bigint IS NULL OR a.id <= $6)
    ORDER BY a.xact, a.id LIMIT $7`,
);

/** A seal as it is stored, its head and the number of its rows included. */
export type StoredSeal = Omit<Seal, 'from' | 'upto'> & {
  fromXact: string;
  fromId: number;
  uptoXact: string;
  uptoId: number;
  head: Buffer;
  count: number;
};

const columns = `id, previous, ${utc('made_at')} AS "madeAt", server, above_id AS "aboveId", from_xact::text AS "fromXact",
  from_id AS "fromId", upto_xact::text AS "uptoXact", upto_id AS "uptoId", ${utc('first_at')} AS "firstAt",
  ${utc('last_at')} AS "lastAt", root, key_id AS "keyId", head, cardinality(ids) AS count`;

export const lastSeal = named(
  'audit_last_seal',
  `SELECT ${columns} FROM audit_seal ORDER BY id DESC LIMIT 1`,
);
export const sealsAfter = named(
  'audit_seals_after',
  `SELECT ${columns} FROM audit_seal WHERE id > $1 ORDER BY id LIMIT 500`,
);
export const sealedRows = named('audit_sealed_rows', 'SELECT ids, digests FROM audit_seal WHERE id = $1');
export const insertSeal = named(
  'audit_insert_seal',
  `INSERT INTO audit_seal (id, previous, made_at, server, above_id, from_xact, from_id, upto_xact, upto_id, first_at, last_at,
                           root, key_id, head, ids, digests)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
);

/** Now, which server this is, and the oldest transaction that runs: those before it have all ended. */
export const moment = named(
  'audit_moment',
  `SELECT ${utc('clock_timestamp()')} AS now, system_identifier::text AS server,
          pg_snapshot_xmin(pg_current_snapshot())::text AS horizon FROM pg_control_system()`,
);
/** One process seals at a time. */
export const lockSeals = named('audit_lock_seals', 'SELECT pg_advisory_xact_lock(4207129875)');
export const holdLog = named('audit_hold_log', 'SELECT hold_audit_log()');
export const greatestIds = named(
  'audit_greatest_ids',
  `SELECT (SELECT coalesce(max(id), 0) FROM audit_log) AS logged,
          (SELECT coalesce(max(each), $1) FROM audit_seal, unnest(ids) AS each WHERE above_id = $1) AS sealed`,
);

/** Rows behind a position: how many, and since when. */
export const rowsBehind = named(
  'audit_rows_behind',
  `SELECT count(*) AS rows, ${utc('min(at)')} AS since FROM audit_log a WHERE (a.xact, a.id) > ($1::xid8, $2::bigint) AND a.id > $3`,
);
/** The age, in seconds, of the first row behind the last seal; 0 where every row is sealed. */
export const sealLag = named(
  'audit_seal_lag',
  `SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - a.at)::float8 FROM audit_log a
            WHERE (a.xact, a.id) > (coalesce(s.upto_xact, '0'), coalesce(s.upto_id, 0)) AND a.id > coalesce(s.above_id, 0)
            ORDER BY a.xact, a.id LIMIT 1), 0) AS seconds
     FROM (SELECT) AS one LEFT JOIN (SELECT * FROM audit_seal ORDER BY id DESC LIMIT 1) s ON true`,
);
/** The first row that no seal can be about: ids begin at 1. */
export const strayRow = named('audit_stray_row', 'SELECT min(id) AS id FROM audit_log WHERE id < 1');
/** What a row of the log is about. */
export const describeRow = named(
  'audit_describe_row',
  `SELECT ${utc('at')} AS at, actor, action, entity, entity_id AS "entityId", subject FROM audit_log WHERE id = $1`,
);
/** The last month that retention has dropped, and the row that says so. */
export const lastDropped = named(
  'audit_last_dropped',
  `SELECT entity_id AS month, ${utc('at')} AS at, actor,
          ${utc("(to_date(entity_id, 'YYYY-MM') + interval '1 month') AT TIME ZONE 'UTC'")} AS "keptFrom"
     FROM audit_log WHERE entity = 'audit-month' AND action = 'delete' AND entity_id ~ '^\\d{4}-\\d{2}$'
    ORDER BY entity_id DESC LIMIT 1`,
);
/** Where the lines of seals begin, in order. */
export const lines = named(
  'audit_seal_lines',
  'SELECT above_id AS "aboveId" FROM audit_seal GROUP BY above_id ORDER BY above_id',
);
