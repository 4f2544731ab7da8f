import type pg from 'pg';

/** How many lines a large audit log has: AUDIT_ROWS, else ten million. */
export const logLines = Number(process.env.AUDIT_ROWS ?? 10_000_000);

/** Lines written by one statement. */
const atOnce = 500_000;
const months = 12;

/**
 * Fills the audit log with lines of the last year, by SQL, the oldest first: 93 in 100 of addresses, 60 in 100 by one token. What is
 * rare is old, where a reader who goes back line by line would have to go farthest: pools, deletions, and what user 999 did. One change in the middle
 * has 20,000 lines. Indexes are made afterwards, as a bulk load does it.
 */
export async function fillLog(database: pg.Client, lines: number): Promise<void> {
  const { rows: indexes } = await database.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = 'audit_log'::regclass AND NOT i.indisprimary`,
  );
  await database.query("SET maintenance_work_mem = '512MB'");
  for (const { name } of indexes) await database.query(`DROP INDEX ${name}`);
  await database.query(
    `SELECT make_audit_month((now() - n * interval '1 month')::date) FROM generate_series(0, ${months + 1}) n`,
  );
  for (let first = 0; first < lines; first += atOnce) {
    await database.query(
      `INSERT INTO audit_log (at, change_id, actor, source, source_address, request_id, action, entity, entity_id, subject, key, before, after)
       SELECT now() - interval '${months} months' * (1 - n::float8 / $3), lpad(to_hex(change), 32, '0')::uuid,
              CASE WHEN n < 20 THEN 'user:999' WHEN n % 10 < 6 THEN 'token:1' ELSE 'user:' || n % 197 END,
              CASE WHEN n % 50 = 0 THEN 'panel' ELSE 'rest' END, '192.0.2.1', 'request-' || change, action, entity, record::text,
              name, jsonb_build_object('vrf', 'global', CASE entity WHEN 'address' THEN 'address' ELSE 'name' END, name),
              CASE WHEN action <> 'create' THEN image || jsonb_build_object('hostname', 'h' || n - 1) END,
              CASE WHEN action <> 'delete' THEN image || jsonb_build_object('hostname', 'h' || n) END
         FROM generate_series($1::bigint, $2::bigint) n
         CROSS JOIN LATERAL (
           SELECT CASE WHEN n BETWEEN $3 / 2 AND $3 / 2 + 19999 THEN $3 / 6 ELSE n / 3 END AS change,
                  CASE WHEN n < $3 / 250 AND n % 2 = 0 THEN 'pool' WHEN n * 7919 % 1000 < 930 THEN 'address'
                       WHEN n * 7919 % 1000 < 985 THEN 'subnet' WHEN n * 7919 % 1000 < 999 THEN 'range' ELSE 'user' END AS entity,
                  CASE WHEN n * 104729 % 1009 < 300 THEN 'create' WHEN n * 104729 % 1009 < 1004 OR n > 0.6 * $3 THEN 'update' ELSE 'delete' END AS action,
                  n * 31 % ($3 / 5) AS record) a
         CROSS JOIN LATERAL (
           SELECT CASE entity WHEN 'address' THEN host('10.0.0.0'::inet + record) ELSE entity || record END AS name,
                  jsonb_build_object('vrf_id', 1, 'status', 'assigned', 'tags', jsonb_build_array('lab'), 'metadata', '{}'::jsonb) AS image) b`,
      [first, Math.min(first + atOnce, lines) - 1, lines],
    );
  }
  for (const { definition } of indexes) await database.query(definition.replace(' ON ONLY ', ' ON '));
  await database.query('VACUUM ANALYZE audit_log');
  await database.query('CHECKPOINT');
}

/** What people ask the log, as queries of `GET /audit-logs`; each is about lines that `fillLog` makes. */
export function logQuestions(lines: number): Readonly<Record<string, string>> {
  const record = 31 * 1000;
  const month = (n: number) => {
    const day = new Date();
    day.setUTCMonth(day.getUTCMonth() - n);
    return day.toISOString();
  };
  const change = `00000000-0000-0000-0000-${(1000).toString(16).padStart(12, '0')}`;
  const large = `00000000-0000-0000-0000-${Math.floor(lines / 6)
    .toString(16)
    .padStart(12, '0')}`;
  return {
    'the newest': '',
    'the oldest': 'sort=at',
    'of a time': `at__gte=${month(6)}&at__lte=${month(5)}`,
    'by who does most': 'actor=token:1',
    'by one user': 'actor=user:42',
    'by who has long left': 'actor=user:999',
    'by one user, of a time': `actor=user:42&at__lte=${month(9)}`,
    deletions: 'action=delete',
    'deletions of subnets': 'entity=subnet&action=delete',
    'of addresses': 'entity=address',
    'of users': 'entity=user',
    'of pools, all of them old': 'entity=pool',
    'pools that were created': 'entity=pool&action=create',
    'what one user did with pools': 'entity=pool&actor=user:42',
    'of one record': `entity=address&entityId=${record}`,
    'of one id': `entityId=${record}`,
    'of an address': 'key=10.0.121.24',
    'of a whole key': `key=${encodeURIComponent('{"vrf":"global","address":"10.0.121.24"}')}`,
    'of a request': 'requestId=request-1000',
    'of a change': `changeId=${change}`,
    'of a change of 20,000': `changeId=${large}`,
    'creations of one user, a month long': `actor=user:42&action=create&at__gte=${month(3)}&at__lte=${month(2)}`,
  };
}
