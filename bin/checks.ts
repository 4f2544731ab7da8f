import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Env, tlsFilesOf } from '#config/env';
import { pendingMigrations } from '../core/db/migrate.ts';
import { readCertificate, type TlsFiles } from '../core/http/tls.ts';
import type { Log } from '../core/log/log.ts';
import type { AnyPlugin } from '../core/plugin/define.ts';
import { bootOn, type Connection, connect } from '../register.ts';
import { pluginStates } from './commands/plugins.ts';
import { closing } from './session.ts';

/** What a look at one thing found; where it is not good, `say` tells how to mend it. */
export interface Finding {
  state: 'ok' | 'note' | 'wrong';
  what: string;
  say: string;
}

const oldest = 15;
/** Milliseconds that a database may take to answer before the doctor calls it absent. */
const patience = 4_000;

/** Looks at the installation of this environment, in the order in which a start needs things; changes nothing. */
export async function* examine(
  env: Env,
  plugins: readonly AnyPlugin[],
  log: Log,
): AsyncGenerator<Finding, void> {
  yield await dataDirectory(env);
  const tls = tlsFilesOf(env);
  if (tls) yield certificate(tls);
  if (!env.DATABASE_URL && !existsSync(join(env.DATA_DIR, 'postgres', 'data'))) {
    yield {
      state: 'note',
      what: 'database',
      say: `There is no embedded database in ${resolve(env.DATA_DIR)} yet: npm start makes it, or set DATABASE_URL.`,
    };
    return;
  }
  let connection: Connection;
  try {
    connection = await connect(env, log, patience);
  } catch (fault) {
    const mend = env.DATABASE_URL
      ? 'Is it running, and are host, port, user, password and database in DATABASE_URL right?'
      : `See ${resolve(env.DATA_DIR, 'postgres', 'server.log')}.`;
    yield {
      state: 'wrong',
      what: 'database',
      say: `It does not answer: ${(fault as Error).message} ${mend}`,
    };
    return;
  }
  for (const finding of await closing(connection, (open) => insideDatabase(open, env, plugins, log))) {
    yield finding;
  }
}

async function dataDirectory({ DATA_DIR, DATABASE_URL, JWT_SECRET }: Env): Promise<Finding> {
  const what = 'data directory';
  const folder = resolve(DATA_DIR);
  const probe = join(folder, `.doctor-${process.pid}`);
  const needed = !DATABASE_URL || !JWT_SECRET;
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(probe, '');
    await rm(probe);
    if (made) await rm(made, { recursive: true });
    return { state: 'ok', what, say: `${folder} can be written.` };
  } catch (fault) {
    const say = `${folder} cannot be written (${(fault as Error).message})`;
    return needed
      ? { state: 'wrong', what, say: `${say}: give it to this user, or set DATA_DIR to another folder.` }
      : { state: 'note', what, say: `${say}; with DATABASE_URL and JWT_SECRET set it is not needed.` };
  }
}

function certificate(files: TlsFiles): Finding {
  const what = 'certificate';
  try {
    const { validTo } = readCertificate(files);
    const day = validTo.toISOString().slice(0, 10);
    return validTo < new Date()
      ? { state: 'wrong', what, say: `It expired on ${day}: put a new one into TLS_CERT and TLS_KEY.` }
      : { state: 'ok', what, say: `It is good until ${day}.` };
  } catch (fault) {
    return { state: 'wrong', what, say: (fault as Error).message };
  }
}

async function insideDatabase(
  { db, embedded }: Connection,
  env: Env,
  plugins: readonly AnyPlugin[],
  log: Log,
): Promise<Finding[]> {
  const [{ version } = { version: '?' }] = await db.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  const where = embedded
    ? `embedded${embedded.startedHere ? ', started for this look' : ', running'}`
    : 'DATABASE_URL';
  const findings: Finding[] = [
    Number.parseInt(version, 10) >= oldest
      ? { state: 'ok', what: 'database', say: `PostgreSQL ${version} answers (${where}).` }
      : {
          state: 'wrong',
          what: 'database',
          say: `PostgreSQL ${version} is too old: ${oldest} or newer is needed.`,
        },
  ];
  const pending = await pendingOf(db, plugins);
  if (pending.length > 0) {
    const mend =
      env.MIGRATE === 'off'
        ? 'run "cadastre migrate".'
        : 'the next start applies them, or "cadastre migrate".';
    const say = `${pending.length} pending (${pending.join(', ')}): ${mend}`;
    return [...findings, { state: env.MIGRATE === 'off' ? 'wrong' : 'note', what: 'migrations', say }];
  }
  findings.push({ state: 'ok', what: 'migrations', say: 'All are applied.' });
  return [...findings, ...(await pluginFindings(db, env, log))];
}

/** What is pending; a further plugin whose migrations cannot be read is told among the plugins. */
async function pendingOf(db: Connection['db'], plugins: readonly AnyPlugin[]): Promise<string[]> {
  const names = new Set<string>();
  for (const { name, definition } of plugins) {
    const sources = definition.migrations ? [{ owner: name, folder: definition.migrations }] : [];
    const pending = await pendingMigrations(db, sources).catch((): string[] => []);
    for (const each of pending) names.add(each);
  }
  return [...names];
}

async function pluginFindings(db: Connection['db'], env: Env, log: Log): Promise<Finding[]> {
  try {
    // Nothing is signed here; without a secret in hand, one would be made and kept.
    const { host } = await bootOn(
      db,
      { ...env, MIGRATE: 'off', JWT_SECRET: env.JWT_SECRET ?? 'unused' },
      log,
    );
    return (await pluginStates(host)).map(({ name, version, state, why }) => ({
      state: state === 'running' ? 'ok' : 'wrong',
      what: `plugin ${name}`,
      say:
        state === 'running'
          ? `${version} runs.`
          : `It is ${state}: ${why} Mend that, or take it out of PLUGINS.`,
    }));
  } catch (fault) {
    return [{ state: 'wrong', what: 'plugins', say: (fault as Error).message }];
  }
}
