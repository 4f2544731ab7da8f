import type { Database } from '../db/database.ts';
import type { OwnedTrigger } from '../db/triggers.ts';
import type { Log } from '../log/log.ts';
import type { Crew } from './crew.ts';
import type { Extensions } from './extension.ts';
import { registeredModels } from './running.ts';
import { behindOnRules, keepTableRules, tableRules, triggersOf } from './table-rules.ts';

interface Keeper {
  readonly crew: Crew;
  readonly extensions: Extensions;
  /** Names of all plugins of this installation, those that do not run among them. */
  readonly known: ReadonlySet<string>;
  readonly db: Database;
  /** The same database for the role that owns the tables. */
  readonly owner: Database;
  readonly migrate: 'auto' | 'off';
  readonly log: Log;
}

/** Has the tables keep the rules of all plugins. One that cannot be kept is the fault of whoever made it, on whosever table. */
export async function keepRules({ crew, extensions, known, db, owner, migrate, log }: Keeper): Promise<void> {
  const [{ schema } = { schema: 'public' }] = await db.query<{ schema: string }>(
    'SELECT current_schema() AS schema',
  );
  const models = [...crew.running.values()].flatMap(registeredModels);
  const tables = new Set(models.map(({ definition }) => definition.table));
  const wanted: OwnedTrigger[] = [];
  await crew.phase('table rules', ({ plugin: { name } }) => {
    wanted.push(...triggersOf(name, extensions.by(name, tableRules), { models, schema }, wanted));
  });
  const running = new Set(crew.running.keys());
  const behind = await behindOnRules(db, wanted, { known, tables, running });
  const keep = (...owners: string[]) =>
    keepTableRules(
      { db: owner, log, migrate },
      wanted.filter((trigger) => owners.includes(trigger.owner)),
      { known, tables, running: new Set(owners) },
    );
  await crew.phase(
    'table rules',
    async ({ plugin: { name } }) => {
      if (behind.has(name)) await keep(name);
    },
    // Writers of a table are waited for.
    { patient: true },
  );
  if ([...behind].some((name) => !known.has(name))) await keep();
}
