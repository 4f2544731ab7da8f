import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Env } from '#config/env';
import { builtInPlugins } from '#config/plugins';
import { createIssueToken, loadTokenKey } from './core/auth/tokens.ts';
import { type Database, openDatabase } from './core/db/database.ts';
import { attachEmbeddedPostgres, type EmbeddedPostgres } from './core/db/embedded.ts';
import type { Log } from './core/log/log.ts';
import type { AnyPlugin } from './core/plugin/define.ts';
import { bootHost, type Host } from './core/plugin/host.ts';

/** A booted register without a server: what the command line works on, and what `main.ts` serves. */
export interface Register {
  host: Host;
  db: Database;
  tokenKey: KeyObject;
  /** Set where the database is the embedded one. */
  embedded: EmbeddedPostgres | undefined;
  close(): Promise<void>;
}

/** Opens the database (embedded unless DATABASE_URL says otherwise), waits for it, migrates and boots the plugins. */
export async function openRegister(
  env: Env,
  log: Log,
  source: NodeJS.ProcessEnv = process.env,
): Promise<Register> {
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
  try {
    await untilItAnswers(db, log);
    const tokenKey = await loadTokenKey(env.JWT_SECRET, env.DATA_DIR);
    const { external, unloadable } = await loadExternal(env.PLUGINS);
    if (env.PLUGINS_STRICT && unloadable[0]) throw new Error(`${unloadable[0].name}: ${unloadable[0].why}`);
    const host = await bootHost({
      builtIn: builtInPlugins,
      external,
      unloadable,
      strict: env.PLUGINS_STRICT,
      db,
      env: source,
      log,
      issueToken: createIssueToken(tokenKey),
      migrate: env.MIGRATE,
    });
    return { host, db, tokenKey, embedded, close: () => db.close() };
  } catch (fault) {
    await db.close();
    throw fault;
  }
}

/** Waits with growing pauses, for at most a minute, so that a database which starts later than we do is no failure. */
async function untilItAnswers(db: Database, log: Log): Promise<void> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      await db.query('SELECT 1');
      return;
    } catch (fault) {
      if (performance.now() > 60_000) throw fault;
      log.warn({ retryInMs: pause }, `waiting for the database: ${(fault as Error).message}`);
      await sleep(pause);
    }
  }
}

/** Imports the further plugins of `PLUGINS`; what cannot be imported is told, not thrown. */
async function loadExternal(names: readonly string[]) {
  const external: AnyPlugin[] = [];
  const unloadable: { name: string; why: string }[] = [];
  for (const name of names) {
    try {
      const isPath = name.startsWith('.') || name.startsWith('/');
      const loaded = await import(isPath ? pathToFileURL(resolve(name)).href : name);
      const plugin = loaded.default as AnyPlugin | undefined;
      if (!plugin?.definition) throw new Error('its default export is not a plugin made by definePlugin');
      external.push(plugin);
    } catch (fault) {
      unloadable.push({ name, why: (fault as Error).message });
    }
  }
  return { external, unloadable };
}
