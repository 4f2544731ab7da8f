import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves once every transaction of the whole server that ran at the call is over: what looks no further than the oldest that runs
 * (the seals of the audit log) sees all that was written before, whatever other tests do in their databases.
 */
export async function untilPastIsOver(db: {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}): Promise<void> {
  const [now] = await db.query<{ xact: string }>('SELECT pg_current_xact_id()::text AS xact');
  for (;;) {
    const [past] = await db.query<{ isOver: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS "isOver"',
      [now?.xact],
    );
    if (past?.isOver) return;
    await sleep(20);
  }
}
