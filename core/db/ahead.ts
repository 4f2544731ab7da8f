import type pg from 'pg';
import { type Database, named, runOn, type Statement } from './database.ts';
import { type ConstraintTable, databaseProblem, isConnectionLost } from './failures.ts';
import { withRetries } from './retry.ts';

/**
 * Runs a statement that sets `synchronous_commit` to off for its transaction, and brings it to disk: its rows come as soon as it is
 * committed, when others see it and have its locks; `onDisk` tells when a crash cannot take it back any more. Tell nobody before.
 * Those of one lane that overlap go through one connection, one behind the other: for what would wait for each other anyway.
 */
export type RunAhead = <Row = Record<string, unknown>>(
  lane: unknown,
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

/** A connection that is lent as long as anybody uses it. */
interface Lane {
  readonly key: unknown;
  readonly connection: Promise<pg.Client>;
  users: number;
  /** Gives it back; with the fault that lost it, to be thrown away. */
  close(fault: unknown): void;
}

/**
 * Milliseconds that the lane which was used last is kept when nobody is in it. While many come, one comes sooner, and finds the
 * backend that has all at hand that it needs. Only one waits so: whoever else wants a connection is to get it.
 */
const rest = 5;

function openLane(db: Database, key: unknown): Lane {
  const connection = Promise.withResolvers<pg.Client>();
  const closed = Promise.withResolvers<void>();
  db.lend(async (client) => {
    const pipelined = client as unknown as Pipelined;
    pipelined.pipeline = true;
    connection.resolve(client);
    await closed.promise;
    pipelined.pipeline = false;
  }).catch(connection.reject);
  return {
    key,
    connection: connection.promise,
    users: 0,
    close: (fault) => (fault === undefined ? closed.resolve() : closed.reject(fault)),
  };
}

/** Makes it. Both statements travel in one write, so that the server need not be woken twice. */
export function createRunAhead(db: Database, constraints: ConstraintTable): RunAhead {
  const lanes = new Map<unknown, Lane>();
  let resting: { lane: Lane; timer: NodeJS.Timeout } | undefined;

  /** Gives a lane's connection back; whoever comes now opens another. */
  function shut(lane: Lane, lost?: unknown): void {
    if (lanes.get(lane.key) === lane) lanes.delete(lane.key);
    lane.close(lost);
  }

  function keepAwhile(lane: Lane): void {
    if (resting) {
      clearTimeout(resting.timer);
      if (resting.lane !== lane && resting.lane.users === 0) shut(resting.lane);
    }
    const timer = setTimeout(() => {
      resting = undefined;
      if (lane.users === 0) shut(lane);
    }, rest);
    resting = { lane, timer };
  }

  /** Uses a lane until `work` is done, whatever comes of it. */
  async function within<T>(key: unknown, work: (connection: pg.Client) => Promise<T>): Promise<T> {
    const lane = lanes.get(key) ?? openLane(db, key);
    lanes.set(key, lane);
    lane.users += 1;
    let lost: unknown;
    try {
      return await work(await lane.connection);
    } catch (fault) {
      if (isConnectionLost(fault)) lost = fault;
      throw fault;
    } finally {
      lane.users -= 1;
      if (lost !== undefined) shut(lane, lost);
      else if (lane.users === 0) keepAwhile(lane);
    }
  }

  return <Row>(key: unknown, statement: Statement, values: readonly unknown[]) =>
    withRetries(
      constraints,
      () =>
        new Promise<{ rows: Row[]; onDisk: Promise<void> }>((resolve, reject) => {
          within(key, async (connection) => {
            const { stream } = (connection as unknown as Pipelined).connection;
            stream.cork();
            const first = runOn<Row>(connection, statement, values);
            const second = runOn(connection, flush).then(() => undefined);
            stream.uncork();
            const onDisk = second.catch((fault: unknown) => {
              throw databaseProblem(fault, constraints);
            });
            // Whoever looks at it later may find that it has failed by then.
            onDisk.catch(() => undefined);
            try {
              resolve({ rows: await first, onDisk });
            } finally {
              await second;
            }
          }).catch(reject);
        }),
    );
}
