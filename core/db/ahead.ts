import type pg from 'pg';
import { type Database, named, runOn, type Statement } from './database.ts';
import type { ConstraintTable } from './failures.ts';
import { withRetries } from './retry.ts';

/**
 * Runs a statement that sets `synchronous_commit` to off for its transaction, and brings it to disk: its rows come as soon as it is
 * committed, when others see it and have its locks; `onDisk` tells when a crash cannot take it back any more. Tell nobody before.
 */
export type RunAhead = <Row = Record<string, unknown>>(
  statement: Statement,
  values: readonly unknown[],
) => Promise<{ rows: Row[]; onDisk: Promise<void> }>;

// A transaction that has written to the log waits at its commit until everything up to there is on disk. Nothing reads the message.
const flush = named('flush_log', "SELECT pg_logical_emit_message(true, 'cadastre', '')");

/** What of a connection its types do not tell: with `pipeline` a statement does not wait for the answer to the one before. */
interface Pipelined {
  pipeline: boolean;
  connection: { stream: { cork(): void; uncork(): void } };
}

/** Makes it. Both statements travel in one write, so that the server need not be woken twice. */
export function createRunAhead(db: Database, constraints: ConstraintTable): RunAhead {
  return <Row>(statement: Statement, values: readonly unknown[]) =>
    withRetries(
      constraints,
      () =>
        new Promise<{ rows: Row[]; onDisk: Promise<void> }>((resolve, reject) => {
          db.lend(async (connection: pg.Client) => {
            const pipelined = connection as unknown as Pipelined;
            const { stream } = pipelined.connection;
            pipelined.pipeline = true;
            stream.cork();
            const first = runOn<Row>(connection, statement, values);
            const second = runOn(connection, flush).then(() => undefined);
            stream.uncork();
            // Whoever looks at it later may find that it has failed by then.
            second.catch(() => undefined);
            try {
              resolve({ rows: await first, onDisk: second });
            } finally {
              await second.finally(() => {
                pipelined.pipeline = false;
              });
            }
          }).catch(reject);
        }),
    );
}
