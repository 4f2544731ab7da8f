import type { Command } from './command.ts';
import { allocate } from './commands/allocate.ts';
import { auditVerify } from './commands/audit.ts';
import { doctor } from './commands/doctor.ts';
import { lookup } from './commands/lookup.ts';
import { migrate } from './commands/migrate.ts';
import { pluginList } from './commands/plugins.ts';
import { scan } from './commands/scan.ts';
import { seedDemoCommand, seedPrefixes } from './commands/seed.ts';
import { start } from './commands/start.ts';
import { userAdd } from './commands/users.ts';

/** Everything that `cadastre` can do, in the order of its help. */
export const commands: readonly Command[] = [
  start,
  migrate,
  seedDemoCommand,
  seedPrefixes,
  userAdd,
  lookup,
  allocate,
  scan,
  pluginList,
  auditVerify,
  doctor,
];
