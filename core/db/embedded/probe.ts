import { readFile, readlink, realpath } from 'node:fs/promises';
import pg from 'pg';
import { run } from './run.ts';

/** The role that owns everything, and the database, of an embedded server. */
export const NAME = 'cadastre';

/** Where a server listens on this machine. */
export interface ServerAddress {
  port: number;
  /** Where its socket is; undefined where it has none. */
  socketDirectory: string | undefined;
}

/**
 * The URL of the embedded database, for its owner unless `role` is another. Where the server has a socket it goes by that, which
 * costs a tenth less of what a small transaction does than TCP.
 */
export function connectionUrl(to: ServerAddress & { password: string; role?: string }): string {
  const socket = to.socketDirectory === undefined ? '' : `?host=${encodeURIComponent(to.socketDirectory)}`;
  return `postgres://${to.role ?? NAME}:${to.password}@127.0.0.1:${to.port}/${NAME}${socket}`;
}

/** SQLSTATEs by which a server says "not now": starting up, shutting down, crashed, or out of connections. */
const NOT_NOW = new Set(['57P01', '57P02', '57P03', '53300']);

/**
 * Asks the server a real question, creating the database when it has none.
 * 'ready' means that it answered; 'silent' that it did not, or said only "not now".
 * Throws when it refuses us for good, for example because the stored password is not its own.
 */
export async function ask(url: string): Promise<'ready' | 'silent'> {
  try {
    await query(url, 'SELECT 1');
    return 'ready';
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code === '3D000') {
      const maintenance = new URL(url);
      maintenance.pathname = '/postgres';
      await query(maintenance.href, `CREATE DATABASE ${NAME}`);
      return ask(url);
    }
    // A five-character code is the server's own word; anything else is a socket that was refused or cut.
    if (/^[0-9A-Z]{5}$/.test(code) && !NOT_NOW.has(code)) throw error;
    return 'silent';
  }
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // Errors of an idle client arrive as events; the query that follows reports the same one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Whether `pid` is a PostgreSQL at work on `dataDirectory`. A pid that answers kill(pid, 0) may be a zombie that
 * nobody reaped, or belong to another program since a reboot: both would keep the server from starting again.
 */
export async function isPostmaster(pid: number, dataDirectory: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { output } = await run(['ps', '-o', 'stat=,comm=', '-p', String(pid)]);
    return /^[^Z]\S*\s.*postgres/.test(output);
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (!/^\d+ \(postgres\) [^ZX] /.test(stat)) return false;
  // A server's working directory is its data directory; where we may not look, its name has to do.
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return directory === undefined || directory === (await realpath(dataDirectory));
}
