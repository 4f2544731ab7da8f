import { parseEnv } from '#config/env';
import type { Database } from '../../core/db/database.ts';
import { bootOn, connect } from '../../register.ts';
import type { Command } from '../command.ts';
import { cliLog, closing, print } from '../session.ts';

async function applied({ query }: Database): Promise<string[]> {
  const [{ there } = { there: false }] = await query<{ there: boolean }>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS there`,
  );
  if (!there) return [];
  const rows = await query<{ name: string }>('SELECT name FROM schema_migration ORDER BY applied_at, name');
  return rows.map(({ name }) => name);
}

/** Brings the database up to this version, also where the server itself runs with MIGRATE=off. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'Bring the database up to this version',
  details:
    'Applies what is pending, the plugins of PLUGINS included, one process at a time; says what it applied.',
  async run() {
    const env = { ...parseEnv(process.env), MIGRATE: 'auto' as const };
    const log = cliLog();
    return closing(await connect(env, log), async (connection) => {
      const { owner } = connection;
      const before = new Set(await applied(owner));
      const { host } = await bootOn(connection, env, log);
      const fresh = (await applied(owner)).filter((name) => !before.has(name));
      if (fresh.length === 0) print('The database is up to date.');
      else print(...fresh.map((name) => `applied ${name}`));
      const aside = host.registry.plugins.filter(({ state }) => state !== 'running');
      for (const { name, why } of aside) process.stderr.write(`The plugin ${name} does not run: ${why}\n`);
      return aside.length > 0 ? 1 : 0;
    });
  },
};
