import type { Database } from '../db/database.ts';
import { type MigrationSource, pendingMigrations } from '../db/migrate.ts';
import type { AnyPlugin } from './define.ts';

/** Throws, naming them, where migrations of these plugins are pending. */
export async function refuseToBeBehind(
  db: Database,
  entries: readonly { plugin: AnyPlugin }[],
): Promise<void> {
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
export function migrationSource(plugin: AnyPlugin): MigrationSource[] {
  const { migrations } = plugin.definition;
  return migrations ? [{ owner: plugin.name, folder: migrations }] : [];
}
