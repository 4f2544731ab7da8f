import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Account, User } from './account.ts';
import type { Binaries } from './binaries.ts';
import { isPostmaster, NAME, type ServerAddress } from './probe.ts';
import { type Outcome, run } from './run.ts';

/** A PostgreSQL cluster on disk: `home`/data, its password and its log. Callers hold the lock of `home`. */
export interface Cluster {
  dataDirectory: string;
  logFile: string;
  /** Makes the cluster unless it is there, and returns its password. */
  ensureInitialised(): Promise<string>;
  /** The server that the pid file names, and whether that process is really one; undefined without a pid file. */
  server(): Promise<RunningServer | undefined>;
  /** Starts the server on a free port of 127.0.0.1, and on a socket in its data directory, and waits until it takes connections, if no other start runs. */
  start(): Promise<void>;
  /** Removes the pid file of a server that is known to be dead. */
  forgetDeadServer(): Promise<void>;
  /** Ends the server in an orderly way and waits until it is down; nothing to do when none runs. */
  stop(): Promise<void>;
}

/** What a server has written down of itself. */
export interface RunningServer extends ServerAddress {
  pid: number;
  alive: boolean;
}

/** Given on the command line at each start, so that an older data directory gets today's settings. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  max_connections: '100',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  fsync: 'on',
  synchronous_commit: 'on',
  jit: 'off',
};

/**
 * A backend keeps a few megabytes that it has freed for its next transaction. By itself glibc gives them back each time, and the
 * kernel clears every page anew: a tenth of what a small transaction costs. Where another libc serves, nothing reads them.
 */
const MEMORY: Record<string, string> = {
  MALLOC_TRIM_THRESHOLD_: String(4 * 1024 * 1024),
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
};

/** The longest path that a socket's address has room for (sun_path, unix(7)). */
const LONGEST_SOCKET_PATH = 107;

const START_SECONDS = 110;
const STOP_SECONDS = 60;
/** A log this large is put aside at the next start; one older log is kept. */
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const START_ATTEMPTS = 20;
/** Failures that pass by themselves: a port taken meanwhile, or children of a killed server not yet gone. */
const PASSING = /Address already in use|pre-existing shared memory block/;

/** Binds a cluster to its place on disk; touches nothing yet. */
export function openCluster(setup: {
  home: string;
  binaries: Binaries;
  chooseAccount(dataOwner?: User): Promise<Account>;
}): Cluster {
  const { home, binaries } = setup;
  const dataDirectory = join(home, 'data');
  const passwordFile = join(home, 'password');
  const logFile = join(home, 'server.log');
  const pidFile = join(dataDirectory, 'postmaster.pid');

  async function initialise(): Promise<void> {
    const account = await setup.chooseAccount();
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    // Made aside and renamed, so that a half-made cluster is never taken for a whole one.
    for (const name of await readdir(home)) {
      if (name.startsWith('new-')) await rm(join(home, name), { recursive: true, force: true });
    }
    const fresh = await mkdtemp(join(home, 'new-'));
    if (account.owner) await chown(fresh, account.owner.uid, account.owner.gid);
    const outcome = await run(
      [
        ...account.prefix,
        binaries.initdb,
        `--pgdata=${fresh}`,
        `--username=${NAME}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      home,
    );
    if (outcome.code !== 0) throw failure('could not be initialised', outcome.output);
    await rename(fresh, dataDirectory);
  }

  async function ensureInitialised(): Promise<string> {
    if (!existsSync(dataDirectory)) await initialise();
    return readFile(passwordFile, 'utf8').catch((cause) => {
      throw new Error(`${dataDirectory} has data, but its password is not in ${passwordFile}.`, { cause });
    });
  }

  async function accountOfData(): Promise<Account> {
    const { uid, gid } = await stat(dataDirectory);
    const account = await setup.chooseAccount({ uid, gid });
    if (account.owner && account.owner.uid !== uid) {
      await run(['chown', '-R', `${account.owner.uid}:${account.owner.gid}`, dataDirectory]);
    }
    return account;
  }

  async function server() {
    const lines = await readFile(pidFile, 'utf8').then(
      (text) => text.split('\n'),
      () => undefined,
    );
    if (lines === undefined) return undefined;
    // https://www.postgresql.org/docs/18/storage-file-layout.html: pid first, port fourth, then the socket's directory.
    const pid = Number(lines[0]);
    return {
      pid,
      port: Number(lines[3] ?? 0),
      socketDirectory: lines[4] || undefined,
      alive: await isPostmaster(pid, dataDirectory),
    };
  }

  async function start(): Promise<void> {
    const account = await accountOfData();
    if (existsSync(logFile) && (await stat(logFile)).size > LOG_LIMIT_BYTES)
      await rename(logFile, `${logFile}.1`);
    for (let attempt = 1; ; attempt++) {
      await writeFile(logFile, '', { flag: 'a', mode: 0o600 });
      if (account.owner) await chown(logFile, account.owner.uid, account.owner.gid);
      const logged = (await stat(logFile)).size;
      const settings = Object.entries({
        ...SETTINGS,
        unix_socket_directories: socketDirectoryOf(dataDirectory),
        port: String(await freePort()),
      });
      const options = settings.map(([name, value]) => `-c ${name}=${value}`).join(' ');
      const wait = ['-w', '-t', String(START_SECONDS)];
      const outcome = await control(account, ['start', ...wait, '-l', logFile, '-o', options]);
      if (outcome.code === 0) return;
      const said = (await readFile(logFile)).subarray(logged).toString().trim();
      // An earlier Cadastre, killed while it was starting the server, left that start under way.
      if (said.includes('lock file "postmaster.pid" already exists')) return;
      if (!PASSING.test(said) || attempt === START_ATTEMPTS)
        throw failure('did not start', said || outcome.output);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }

  async function stop(): Promise<void> {
    if ((await server())?.alive !== true) return;
    const outcome = await control(await accountOfData(), [
      'stop',
      '-m',
      'fast',
      '-w',
      '-t',
      String(STOP_SECONDS),
    ]);
    if (outcome.code !== 0 && (await server())?.alive) throw failure('did not stop', outcome.output);
  }

  function control(account: Account, words: string[]): Promise<Outcome> {
    return run([...account.prefix, binaries.pgCtl, `--pgdata=${dataDirectory}`, ...words], home, MEMORY);
  }

  return {
    dataDirectory,
    logFile,
    ensureInitialised,
    server,
    start,
    stop,
    forgetDeadServer: () => rm(pidFile, { force: true }),
  };
}

/** The data directory, if a socket's address has room for it, and the setting, a list, needs no quotes; else ''. */
function socketDirectoryOf(dataDirectory: string): string {
  const longest = join(dataDirectory, '.s.PGSQL.65535');
  return Buffer.byteLength(longest) <= LONGEST_SOCKET_PATH && /^[\w./-]+$/.test(longest) ? dataDirectory : '';
}

function failure(what: string, why: string): Error {
  return new Error(
    `The embedded PostgreSQL ${what}: ${why}\nDATABASE_URL may name another PostgreSQL 15 or newer.`,
  );
}

function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => settle(port));
    });
  });
}
