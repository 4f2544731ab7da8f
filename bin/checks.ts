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

async function dataDirectory({ DATA_DIR, DATABASE_URL, JWT_SECRET, JWT_PRIVATE_KEY }: Env): Promise<Finding> {
  const what = 'data directory';
  const folder = resolve(DATA_DIR);
  const probe = join(folder, `.doctor-${process.pid}`);
  const needed = !DATABASE_URL || !(JWT_SECRET || JWT_PRIVATE_KEY);
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
  connection: Connection,
  env: Env,
  plugins: readonly AnyPlugin[],
  log: Log,
): Promise<Finding[]> {
  const { db, embedded } = connection;
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
  findings.push(await rolesFinding(connection), auditKeyFinding(env));
  return [...findings, ...(await pluginFindings(connection, env, log))];
}

/** Whether the application's own role could rewrite what only grows, and the owner's is the owner. */
async function rolesFinding({ db, owner }: Connection): Promise<Finding> {
  const what = 'roles';
  const [own] = await owner.query<{ role: string; owner: string; may: boolean }>(
    `SELECT current_user AS role, pg_get_userbyid(relowner) AS owner, pg_has_role(relowner, 'USAGE') AS may
       FROM pg_class WHERE oid = 'schema_migration'::regclass`,
  );
  if (own && !own.may && owner !== db) {
    const say = `The tables belong to ${own.owner}, but MIGRATION_DATABASE_URL names ${own.role}: name the owner, or as a superuser run REASSIGN OWNED BY ${own.owner} TO ${own.role}.`;
    return { state: 'wrong', what, say };
  }
  const [application] = await db.query<{ role: string; may: boolean | null }>(
    `SELECT current_user AS role, bool_or(pg_has_role(c.relowner, 'USAGE')) AS may
       FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE t.tgname ~ 'append_only$'`,
  );
  if (!application?.may) {
    return { state: 'ok', what, say: `${application?.role} can add to the audit log and cannot rewrite it.` };
  }
  const say = `${application.role} is the owner of the audit log, or a superuser, and could rewrite it: let DATABASE_URL name a role of its own for the application, and MIGRATION_DATABASE_URL the owner.`;
  return { state: 'note', what, say };
}

function auditKeyFinding({ AUDIT_KEY, NODE_ENV }: Env): Finding {
  const what = 'audit key';
  if (AUDIT_KEY.length > 0) return { state: 'ok', what, say: 'AUDIT_KEY seals the audit log.' };
  return NODE_ENV === 'production'
    ? {
        state: 'note',
        what,
        say: 'The audit log is not sealed: set AUDIT_KEY to at least 32 random characters.',
      }
    : {
        state: 'ok',
        what,
        say: 'A generated key in DATA_DIR seals the audit log; production needs AUDIT_KEY.',
      };
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

async function pluginFindings(connection: Connection, env: Env, log: Log): Promise<Finding[]> {
  try {
    // Nothing is signed here; without a secret in hand, one would be made and kept.
    const { host } = await bootOn(
      connection,
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
