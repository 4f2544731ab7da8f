import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { Umzug, type UmzugStorage } from 'umzug';
import { pgBossSchemaVersion } from '../jobs/pgboss-version.ts';
import type { Log } from '../log/log.ts';
import { type Database, type RunQuery, runOn } from './database.ts';

/** A folder of `<date>-<what>.up.sql` and `.down.sql` files, and whose they are. */
export interface MigrationSource {
  owner: string;
  folder: URL;
}

const kernelSource: MigrationSource = { owner: 'kernel', folder: new URL('./migrations/', import.meta.url) };
// Any fixed number does; all replicas of all versions take the same one.
const migrationLock = 4_207_129_873;

function storage(connection: pg.Client): UmzugStorage {
  return {
    async logMigration({ name }) {
      await connection.query(
        `CREATE TABLE IF NOT EXISTS schema_migration (
           name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
      );
      await connection.query('INSERT INTO schema_migration (name) VALUES ($1)', [name]);
    },
    async unlogMigration({ name }) {
      await connection.query('DELETE FROM schema_migration WHERE name = $1', [name]);
    },
    async executed() {
      // Only looks: with MIGRATE=off the application's role may not be allowed to create anything.
      const there = await connection.query("SELECT 1 WHERE to_regclass('schema_migration') IS NOT NULL");
      if (there.rowCount === 0) return [];
      const { rows } = await connection.query<{ name: string }>(
        'SELECT name FROM schema_migration ORDER BY applied_at, name',
      );
      return rows.map(({ name }) => name);
    },
  };
}

/** The tables of pg-boss, by the version of its schema: made by itself, with the library that uses them. */
function queueMigration(connection: pg.Client) {
  return {
    name: `kernel/pg-boss-${pgBossSchemaVersion}`,
    // Imported when it is needed: it takes longer than all else that a start does before it has a database.
    up: async () => (await import('../jobs/pgboss.ts')).installPgBoss(connection),
    down: () => connection.query('DROP SCHEMA IF EXISTS pgboss CASCADE'),
  };
}

async function migrationsOf(source: MigrationSource, connection: pg.Client) {
  const { owner, folder } = source;
  const files = (await readdir(folder)).filter((file) => file.endsWith('.up.sql')).sort();
  const run = async (file: string) => {
    await connection.query(await readFile(fileURLToPath(new URL(file, folder)), 'utf8'));
  };
  const ofFiles = files.map((file) => ({
    name: `${owner}/${file.slice(0, -'.up.sql'.length)}`,
    up: () => run(file),
    down: () => run(file.replace('.up.sql', '.down.sql')),
  }));
  return source === kernelSource ? [...ofFiles, queueMigration(connection)] : ofFiles;
}

/** Works with a connection that is under the lock of migrations and may take its time. */
async function withMigrationLock<T>(db: Database, work: (connection: pg.Client) => Promise<T>): Promise<T> {
  return db.withConnection(async (connection) => {
    // A migration may rightly take longer than a request; another replica may rightly wait for it.
    await connection.query(
      'SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0',
    );
    await connection.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    try {
      return await work(connection);
    } finally {
      // A lost connection has let go of the lock already; its own fault is the one to tell.
      await connection
        .query(
          `SELECT pg_advisory_unlock(${migrationLock});
           RESET statement_timeout; RESET lock_timeout; RESET idle_in_transaction_session_timeout`,
        )
        .catch(() => undefined);
    }
  });
}

function withMigrator<T>(
  db: Database,
  sources: readonly MigrationSource[],
  work: (umzug: Umzug, connection: pg.Client) => Promise<T>,
): Promise<T> {
  return withMigrationLock(db, async (connection) => {
    const migrations = (await Promise.all(sources.map((source) => migrationsOf(source, connection)))).flat();
    return work(new Umzug({ migrations, storage: storage(connection), logger: undefined }), connection);
  });
}

async function inTransaction<T>(connection: pg.Client, work: () => Promise<T>): Promise<T> {
  await connection.query('BEGIN');
  try {
    const result = await work();
    await connection.query('COMMIT');
    return result;
  } catch (fault) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw fault;
  }
}

/** Applies what is pending, the kernel's first, then in the order given, each in a transaction, one process at a time. */
export async function migrateUp(
  db: Database,
  sources: readonly MigrationSource[],
  log: Log,
): Promise<string[]> {
  return withMigrator(db, [kernelSource, ...sources], async (umzug, connection) => {
    const pending = await umzug.pending();
    for (const { name } of pending) {
      await inTransaction(connection, () => umzug.up({ migrations: [name] }));
      log.info({ migration: name }, 'migrated');
    }
    return pending.map(({ name }) => name);
  });
}

/** Works as the owner while no process migrates, without a limit of time. */
export function underMigrationLock<T>(
  owner: Database,
  work: (query: RunQuery) => T | Promise<T>,
): Promise<T> {
  return withMigrationLock(owner, async (connection) =>
    work((statement, values) => runOn(connection, statement, values)),
  );
}

/** Gives the role of `db` what it needs of all that the owner's migrations have made; nothing where the owner is that role itself. */
export async function grantToApplication(owner: Database, db: Database): Promise<void> {
  if (owner === db) return;
  const [role] = await db.query<{ name: string }>('SELECT current_user AS name');
  await underMigrationLock(owner, (query) => query('SELECT grant_to_application($1)', [role?.name]));
}

/** The names of migrations that are not applied yet. */
export async function pendingMigrations(
  db: Database,
  sources: readonly MigrationSource[],
): Promise<string[]> {
  return withMigrator(db, [kernelSource, ...sources], async (umzug) =>
    (await umzug.pending()).map(({ name }) => name),
  );
}

/** Takes one plugin's migrations back, last first. */
export async function migrateDown(db: Database, source: MigrationSource): Promise<string[]> {
  return withMigrator(db, [source], async (umzug, connection) => {
    const names = (await umzug.executed()).map(({ name }) => name).reverse();
    for (const name of names) await inTransaction(connection, () => umzug.down({ migrations: [name] }));
    return names;
  });
}
