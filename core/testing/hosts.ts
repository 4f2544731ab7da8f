import { type Database, openDatabase } from '../db/database.ts';
import { createLog } from '../log/log.ts';
import { type AnyPlugin, definePlugin } from '../plugin/define.ts';
import { bootHost, type Host, type HostOptions } from '../plugin/host.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** A plugin of these parts; whether their types fit is a matter of the type tests. */
export function pluginOf(name: string, parts: object = {}): AnyPlugin {
  const setup = () => undefined;
  return definePlugin({
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'A test.',
    setup,
    name,
    ...parts,
  } as never);
}

/** Boots hosts without HTTP, on one database that `open` makes and `close` drops. */
export class Hosts {
  #database: TestDatabase | undefined;
  #db: Database | undefined;

  readonly open = async (): Promise<void> => {
    this.#database = await testDatabase();
    this.#db = openDatabase({ url: this.#database.url });
  };

  readonly close = async (): Promise<void> => {
    await this.#db?.close();
    await this.#database?.drop();
  };

  get db(): Database {
    if (!this.#db) throw new Error('open it first');
    return this.#db;
  }

  readonly boot = (
    builtIn: readonly AnyPlugin[],
    external: readonly AnyPlugin[] = [],
    options: Partial<HostOptions> = {},
  ): Promise<Host> =>
    bootHost({
      builtIn,
      external,
      db: this.db,
      env: {},
      log: createLog('silent'),
      issueToken: () => 'token',
      ...options,
    });
}

/** What became of each plugin, by name. */
export function fatesIn({ registry }: Host): Record<string, string> {
  const fates = registry.plugins.map(({ name, state, why }) => [name, why ? `${state}: ${why}` : state]);
  return Object.fromEntries(fates);
}
