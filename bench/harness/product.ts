import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { testDatabase } from '#core/testing';
import { type Child, startChild } from './child.ts';
import type { Load } from './load.ts';

/** Cadastre itself, as in production, on a database of its own, with an admin signed in. */
export interface Product extends Child {
  /** A connection to its database, for preparing what is measured. */
  database: pg.Client;
  databaseUrl: string;
  /** PostgreSQL's version. */
  postgres: string;
  /** A load with the admin's token; `path` is below /api/v1. */
  load(method: 'GET' | 'POST', path: string, body?: unknown): Load;
  /** Calls the API once and answers the body; throws where the answer is not 2xx. */
  call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  /** Signs in to the panel, once it is bundled; answers the session's cookie. */
  panelSession(): Promise<string>;
  /** CPU time of PostgreSQL's processes for this database so far, in microseconds; NaN where the system does not say. */
  databaseCpu(): Promise<number>;
}

const email = 'bench@cadastre.local';
/** Far above what a benchmark reaches, so that the limiter counts but never refuses. */
const ratePerMinute = '1000000000';

/** Starts main.ts on a fresh database, with the empty route as a further plugin, and signs in. */
export async function startProduct(): Promise<Product> {
  const own = await testDatabase();
  const database = new pg.Client({ connectionString: own.url });
  const password = randomBytes(18).toString('base64url');
  const child = await startChild(new URL('../../main.ts', import.meta.url), {
    DATABASE_URL: own.applicationUrl,
    MIGRATION_DATABASE_URL: own.url,
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
    JWT_SECRET: randomBytes(32).toString('hex'),
    RATE_LIMIT_PER_MINUTE: ratePerMinute,
    PLUGINS: fileURLToPath(new URL('../empty.ts', import.meta.url)),
    PLUGINS_STRICT: '1',
  });
  await database.connect();
  let token: string | undefined;

  async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${child.url}/api/v1${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  ({ accessToken: token } = await call<{ accessToken: string }>('POST', '/auth/login', { email, password }));
  const { rows } = await database.query('SHOW server_version');
  return {
    ...child,
    database,
    databaseUrl: own.url,
    postgres: String(rows[0]?.server_version),
    call,
    load: (method, path, body) => ({
      url: `${child.url}/api/v1${path}`,
      method,
      body,
      ...(token ? { token } : {}),
    }),
    async panelSession() {
      for (
        let tries = 0;
        (await fetch(`${child.url}/admin/login`)).status === 503 && tries < 120;
        tries += 1
      ) {
        await sleep(500);
      }
      const answer = await fetch(`${child.url}/admin/login`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: child.url },
        body: new URLSearchParams({ email, password }),
      });
      const [cookie = ''] = answer.headers.getSetCookie();
      if (answer.status !== 303) throw new Error(`The panel answered the sign-in with ${answer.status}.`);
      return cookie.split(';')[0] ?? '';
    },
    async databaseCpu() {
      const found = await database.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      return found.rows.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
    },
    async stop() {
      await child.stop();
      await database.end();
      await own.drop();
    },
  };
}

/** User and system time of a process in microseconds, from Linux's /proc (fields 14 and 15, in hundredths of a second). */
function cpuOf(pid: number): number {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 10_000;
  } catch {
    return Number.NaN;
  }
}
