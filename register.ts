import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import type { Env } from '#config/env';
import { builtInPlugins } from '#config/plugins';
import { loadSealer } from './core/auth/sealer.ts';
import { createIssueToken, loadTokenKey } from './core/auth/tokens.ts';
import { type Database, openDatabase } from './core/db/database.ts';
import { attachEmbeddedPostgres, type EmbeddedPostgres } from './core/db/embedded.ts';
import type { Log } from './core/log/log.ts';
import { bootHost, type Host } from './core/plugin/host.ts';
import { loadExternal } from './core/plugin/load.ts';

/** A database that answers, and the server behind it where that is the embedded one. */
export interface Connection {
  db: Database;
  /** The same database for the role that owns the tables and migrates; `db` itself where there is one role only. */
  owner: Database;
  /** Set where the database is the embedded one. */
  embedded: EmbeddedPostgres | undefined;
  /** Closes the pools, and stops the embedded server where it was started for this connection and nobody else uses it. */
  close(): Promise<void>;
}

/** A booted register without a server: what the command line works on, and what `main.ts` serves. */
export interface Register extends Connection {
  host: Host;
  tokenKey: KeyObject;
}

/** Opens the database (embedded unless DATABASE_URL says otherwise) and waits for it, at most `patience` milliseconds. */
export async function connect(env: Env, log: Log, patience = 60_000): Promise<Connection> {
  const embedded = env.DATABASE_URL
    ? undefined
    : await attachEmbeddedPostgres({
        dataDir: env.DATA_DIR,
        log: { info: (message) => log.info(message), warn: (message) => log.warn(message) },
      });
  const db = openDatabase({
    url: env.DATABASE_URL ?? (embedded as EmbeddedPostgres).url,
    poolSize: env.DATABASE_POOL,
  });
  const ownerUrl = embedded?.ownerUrl ?? env.MIGRATION_DATABASE_URL;
  const owner = ownerUrl === undefined ? db : openDatabase({ url: ownerUrl, poolSize: 2 });
  const pools = new Set([db, owner]);
  const ours = new Set<number>();
  for (const { sequelize } of pools) {
    sequelize.addHook('afterConnect', (connection) => {
      ours.add((connection as { processID: number }).processID);
    });
  }

  async function close(): Promise<void> {
    // A connection that is still at work (we were interrupted) is not waited for; it ends with the server or with us.
    await Promise.race([
      Promise.all([...pools].map((each) => each.close())),
      sleep(2_000, undefined, { ref: false }),
    ]);
    if (embedded?.startedHere && !(await hasOtherClients(embedded.ownerUrl, ours))) await embedded.stop();
  }

  try {
    await untilItAnswers(db, log, patience);
    return { db, owner, embedded, close };
  } catch (fault) {
    await close().catch(() => undefined);
    throw fault;
  }
}

/** Opens the database, migrates it and boots the plugins. */
export async function openRegister(
  env: Env,
  log: Log,
  source: NodeJS.ProcessEnv = process.env,
): Promise<Register> {
  const connection = await connect(env, log);
  try {
    return { ...connection, ...(await bootOn(connection, env, log, source)) };
  } catch (fault) {
    await connection.close();
    throw fault;
  }
}

/** Boots the plugins on an open database. */
export async function bootOn(
  { db, owner }: Pick<Connection, 'db' | 'owner'>,
  env: Env,
  log: Log,
  source: NodeJS.ProcessEnv = process.env,
): Promise<Pick<Register, 'host' | 'tokenKey'>> {
  await refuseTwoDatabases(db, owner);
  const tokenKey = await loadTokenKey(env);
  const sealer = await loadSealer(env.AUDIT_KEY, env.NODE_ENV === 'production', env.DATA_DIR);
  if (!sealer) log.warn('the audit log is not sealed: set AUDIT_KEY to at least 32 random characters');
  const { external, unloadable } = await loadExternal(env.PLUGINS);
  if (env.PLUGINS_STRICT && unloadable[0]) throw new Error(`${unloadable[0].name}: ${unloadable[0].why}`);
  for (const { name, why } of unloadable)
    log.error({ plugin: name, state: 'failed', why }, 'plugin set aside');
  const host = await bootHost({
    builtIn: builtInPlugins,
    external,
    unloadable,
    strict: env.PLUGINS_STRICT,
    db,
    owner,
    env: source,
    log,
    issueToken: createIssueToken(tokenKey),
    sealer,
    production: env.NODE_ENV === 'production',
    migrate: env.MIGRATE,
  });
  return { host, tokenKey };
}

/** Throws where MIGRATION_DATABASE_URL leads to another database than DATABASE_URL. */
async function refuseTwoDatabases(db: Database, owner: Database): Promise<void> {
  if (owner === db) return;
  const which =
    'SELECT system_identifier::text, oid FROM pg_control_system(), pg_database WHERE datname = current_database()';
  const [one, other] = await Promise.all([db.query(which), owner.query(which)]);
  if (!isDeepStrictEqual(one, other)) {
    throw new Error(
      'DATABASE_URL and MIGRATION_DATABASE_URL name two databases; they must differ in the role alone.',
    );
  }
}

/** Waits with growing pauses, so that a database which starts later than we do is no failure. */
async function untilItAnswers(db: Database, log: Log, patience: number): Promise<void> {
  const until = performance.now() + patience;
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      await db.query('SELECT 1');
      return;
    } catch (fault) {
      if (performance.now() + pause > until) throw fault;
      log.warn({ retryInMs: pause }, `waiting for the database: ${(fault as Error).message}`);
      await sleep(pause);
    }
  }
}

/** True where somebody but us is connected: a Cadastre that attached to the server meanwhile, or a psql. */
async function hasOtherClients(url: string, ours: ReadonlySet<number>): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid <> ALL ($1::int[]) LIMIT 1`,
      [[...ours]],
    );
    return rowCount !== 0;
  } finally {
    await client.end();
  }
}
