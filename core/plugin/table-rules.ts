import type { Database } from '../db/database.ts';
import { underMigrationLock } from '../db/migrate.ts';
import {
  type OwnedTrigger,
  settleTriggers,
  type TableTrigger,
  type TriggerOwners,
  triggerDrift,
} from '../db/triggers.ts';
import type { Log } from '../log/log.ts';
import { extensionPoint } from './extension.ts';
import type { RegisteredModel } from './registry.ts';

/** The tables of the running plugins, and the schema that they lie in. */
export interface RuledTables {
  models: readonly RegisteredModel[];
  schema: string;
}

/** Says which triggers a plugin keeps on the table of a model, its own or another plugin's; the answer depends on its arguments alone. */
export type TableRule = (model: RegisteredModel, tables: RuledTables) => readonly TableTrigger[];

/**
 * Filled by plugins that have a rule for every registered table. Once all plugins are set up, the host puts up the triggers that are
 * missing or are not what they should be, and takes those away whose plugin is gone; with MIGRATE=off it refuses to start instead.
 */
export const tableRules = extensionPoint<TableRule>('tables.rules');

/** What a plugin's rules say of all tables. Throws where a trigger would have the name of another's. */
export function triggersOf(
  owner: string,
  rules: readonly TableRule[],
  tables: RuledTables,
  others: readonly OwnedTrigger[],
): OwnedTrigger[] {
  const wanted: OwnedTrigger[] = [];
  for (const model of tables.models) {
    const { table } = model.definition;
    for (const trigger of rules.flatMap((rule) => rule(model, tables))) {
      const first = [...others, ...wanted].find((each) => each.table === table && each.name === trigger.name);
      if (first) {
        const claimants = first.owner === owner ? `${owner} twice` : `both ${first.owner} and ${owner}`;
        throw new Error(`The trigger "${trigger.name}" on the table ${table} is claimed by ${claimants}.`);
      }
      wanted.push({ ...trigger, table, owner });
    }
  }
  return wanted;
}

/** How to look at the tables, and whether what is wrong may be put right. */
interface Keeping {
  db: Database;
  migrate: 'auto' | 'off';
  log: Log;
}

/** The plugins whose triggers are not as wanted, those that are gone among them; one look at the catalogue. */
export async function behindOnRules(
  db: Database,
  wanted: readonly OwnedTrigger[],
  owners: TriggerOwners,
): Promise<ReadonlySet<string>> {
  const { stale, missing } = await triggerDrift(db.query, wanted, owners);
  return new Set([...stale, ...missing].map(({ owner }) => owner));
}

/** Brings the tables to what is wanted; with `migrate` off, throws naming what is not as it should be. */
export async function keepTableRules(
  { db, migrate, log }: Keeping,
  wanted: readonly OwnedTrigger[],
  owners: TriggerOwners,
): Promise<void> {
  const { stale, missing } = await triggerDrift(db.query, wanted, owners);
  const wrong = [...new Set([...stale, ...missing].map(({ table, name }) => `${name} on ${table}`))];
  if (wrong.length === 0) return;
  if (migrate === 'off') {
    throw new Error(
      `The tables lack triggers that belong on them, or have others (${wrong.join(', ')}), and MIGRATE=off: run "cadastre migrate".`,
    );
  }
  await underMigrationLock(db, async (query) => {
    // Somebody else may have done it while we waited.
    await settleTriggers(query, await triggerDrift(query, wanted, owners));
  });
  log.info({ triggers: wrong }, 'triggers put up or taken away');
}
