import type { Database } from '../db/database.ts';
import {
  grantToApplication,
  type MigrationSource,
  migrateUp,
  pendingMigrations,
  underMigrationLock,
} from '../db/migrate.ts';
import type { Log } from '../log/log.ts';
import type { Crew } from './crew.ts';
import type { AnyPlugin } from './define.ts';

interface Schema {
  readonly crew: Crew;
  readonly builtIn: ReadonlySet<AnyPlugin>;
  readonly db: Database;
  /** The same database for the role that owns the tables. */
  readonly owner: Database;
  readonly migrate: 'auto' | 'off';
  readonly log: Log;
}

/** Applies the migrations of all plugins, or, where that is off, throws if any are pending. */
export async function bringUpToDate({ crew, builtIn, db, owner, migrate, log }: Schema): Promise<void> {
  if (migrate === 'off') {
    const ours = [...crew.running.values()].filter(({ plugin }) => builtIn.has(plugin));
    await refuseToBeBehind(db, ours);
    await crew.phase('migrations', (entry) => refuseToBeBehind(db, [entry]));
    return;
  }
  await migrateUp(owner, [], log);
  // Stopped half-way, a migration of ours would never get done.
  await crew.phase('migrations', ({ plugin }) => migrateUp(owner, migrationSource(plugin), log), {
    patient: true,
  });
  await crew.phase('after migrations', async ({ plugin: { definition }, config }) => {
    if (!definition.afterMigrations) return;
    await underMigrationLock(owner, (query) => definition.afterMigrations?.(query, config as never));
  });
  await grantToApplication(owner, db);
}

/** Throws, naming them, where migrations of these plugins are pending. */
async function refuseToBeBehind(db: Database, entries: readonly { plugin: AnyPlugin }[]): Promise<void> {
  const pending = await pendingMigrations(
    db,
    entries.flatMap(({ plugin }) => migrationSource(plugin)),
  );
  if (pending.length === 0) return;
  throw new Error(
    `The database is behind by ${pending.length} migrations (${pending.join(', ')}) and MIGRATE=off: run "cadastre migrate".`,
  );
}

/** Where a plugin's migrations are; nothing where it has none. */
function migrationSource(plugin: AnyPlugin): MigrationSource[] {
  const { migrations } = plugin.definition;
  return migrations ? [{ owner: plugin.name, folder: migrations }] : [];
}
