import type pg from 'pg';
import { Sequelize } from 'sequelize';
import { databaseProblem, isConnectionLost } from './failures.ts';
import { rowMaker } from './rows.ts';
import { teachBigint, wireTypes } from './types.ts';

/** SQL by name: a named statement is prepared once per connection, and metrics and logs speak of it by that name. */
export interface Statement {
  name?: string;
  text: string;
  /** Each row as an array of its values instead of an object, for those who make something else of it. */
  asArrays?: boolean;
}

/** Runs one statement with bound values and answers its rows in wire types. */
export type RunQuery = <Row = Record<string, unknown>>(
  statement: Statement | string,
  values?: readonly unknown[],
) => Promise<Row[]>;

export interface DatabaseOptions {
  url: string;
  /** Most connections that this process opens. */
  poolSize?: number;
  /** Milliseconds after which PostgreSQL ends a statement; the client gets 503. */
  statementTimeout?: number;
  /** Milliseconds that a statement waits for a lock; the client gets 503 and may try again. */
  lockTimeout?: number;
}

/** One pool for everything: Sequelize's models and named SQL take their connections from it. */
export interface Database {
  readonly sequelize: Sequelize;
  readonly query: RunQuery;
  /** Lends a bare connection, for COPY and LISTEN. */
  withConnection<T>(work: (connection: pg.Client) => Promise<T>): Promise<T>;
  /** The same, but what PostgreSQL or the pool throws comes out as it is, for those who look at its code. */
  lend<T>(work: (connection: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Names a statement, so that it is prepared; for static SQL only. */
export function named(name: string, text: string): Statement {
  return { name, text };
}

/** Runs a statement on a connection that the caller holds. */
export async function runOn<Row>(
  connection: pg.Client,
  statement: Statement | string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { name, text, asArrays }: Statement = typeof statement === 'string' ? { text: statement } : statement;
  const query = {
    text,
    values: values as unknown[],
    types: wireTypes,
    rowMode: 'array' as const,
    ...(name ? { name } : {}),
  };
  const { rows = [], fields } = await connection.query<unknown[]>(query);
  if (asArrays || rows.length === 0) return rows as Row[];
  return rows.map(rowMaker<Row>(fields.map((field) => field.name)));
}

/** Opens the pool; nothing is connected before the first query. Faults of the database come out as problems (503, 409, 422). */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, poolSize = 12, statementTimeout = 30_000, lockTimeout = 5_000 } = options;
  const sequelize = new Sequelize(url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: poolSize, min: 0, idle: 30_000, acquire: 10_000 },
    dialectOptions: {
      application_name: 'cadastre',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      statement_timeout: statementTimeout,
      lock_timeout: lockTimeout,
      idle_in_transaction_session_timeout: 60_000,
    },
    define: { timestamps: false, underscored: true, freezeTableName: true },
  });
  sequelize.addHook('afterConnect', teachBigint);
  const { connectionManager } = sequelize;
  const { pool } = connectionManager as unknown as {
    pool: { destroy(connection: pg.Client): Promise<void> };
  };

  async function lend<T>(work: (connection: pg.Client) => Promise<T>): Promise<T> {
    const connection = (await connectionManager.getConnection({} as never)) as pg.Client;
    let usable = true;
    try {
      return await work(connection);
    } catch (fault) {
      usable = !isConnectionLost(fault);
      throw fault;
    } finally {
      // A dying connection that went back to the pool would fail the next borrower too.
      if (usable) connectionManager.releaseConnection(connection as never);
      else await pool.destroy(connection).catch(() => undefined);
    }
  }

  const withConnection: Database['withConnection'] = (work) =>
    lend(work).catch((fault: unknown) => {
      throw databaseProblem(fault);
    });

  return {
    sequelize,
    lend,
    withConnection,
    query: (statement, values) => withConnection((connection) => runOn(connection, statement, values)),
    close: () => sequelize.close(),
  };
}
