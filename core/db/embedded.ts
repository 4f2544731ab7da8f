import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { chooseAccount } from './embedded/account.ts';
import { applicationUrl } from './embedded/application.ts';
import { locateBinaries } from './embedded/binaries.ts';
import { type Cluster, openCluster } from './embedded/cluster.ts';
import { withFileLock } from './embedded/file-lock.ts';
import { ask, connectionUrl, type ServerAddress } from './embedded/probe.ts';

/** Where the messages for the operator go; pino's logger fits. */
export interface EmbeddedPostgresLog {
  info(message: string): void;
  warn(message: string): void;
}

/** A server that has answered a query: its URLs with password, whether this call started it, and how to stop it. */
export interface EmbeddedPostgres {
  /** For the application's own role, which owns nothing. */
  url: string;
  /** For the role that owns everything. */
  ownerUrl: string;
  startedHere: boolean;
  stop(): Promise<void>;
}

/** How long a server may take to answer, in ms: replaying 2 GB of WAL after a crash on a slow disk. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 50;

/**
 * Attaches to the PostgreSQL under `dataDir`/postgres, creating and starting it when need be.
 * The server outlives this process: it is stopped only by `stop()`, which waits until it is down.
 * Throws an Error naming DATABASE_URL as the way out when no server can be had on this machine.
 */
export async function attachEmbeddedPostgres(options: {
  dataDir: string;
  log: EmbeddedPostgresLog;
}): Promise<EmbeddedPostgres> {
  const home = resolve(options.dataDir, 'postgres');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const lock = resolve(home, 'lock');
  const cluster = openCluster({ home, binaries: locateBinaries(), chooseAccount });

  const attached = await withFileLock(lock, async () => {
    const server = await attach(cluster, options.log);
    const url = await applicationUrl(server, resolve(home, 'application-password'));
    return { url, ownerUrl: server.ownerUrl, startedHere: server.startedHere };
  });
  return { ...attached, stop: () => withFileLock(lock, () => cluster.stop()) };
}

async function attach(
  cluster: Cluster,
  log: EmbeddedPostgresLog,
): Promise<ServerAddress & { ownerUrl: string; startedHere: boolean }> {
  const began = performance.now();
  const password = await cluster.ensureInitialised();
  let startedHere = false;

  while (performance.now() - began < PATIENCE_MS) {
    const server = await cluster.server();
    if (server === undefined) {
      await cluster.start();
      startedHere = true;
      continue;
    }
    const { port, socketDirectory } = server;
    const ownerUrl = connectionUrl({ ...server, password });
    // A process that looks alive proves nothing: only an answer tells a server from what a crash left behind.
    if (server.alive && (await ask(ownerUrl)) === 'ready') {
      const took = Math.round(performance.now() - began);
      log.info(`embedded PostgreSQL ${startedHere ? 'started' : 're-attached'} on port ${port} (${took} ms)`);
      return { port, socketDirectory, ownerUrl, startedHere };
    }
    if (!server.alive) {
      log.warn('embedded PostgreSQL had died; starting it again');
      await cluster.forgetDeadServer();
      continue;
    }
    await new Promise((wake) => setTimeout(wake, PAUSE_MS));
  }
  throw new Error(
    `The embedded PostgreSQL in ${cluster.dataDirectory} runs but has not answered for ${PATIENCE_MS / 1000} s. ` +
      `See ${cluster.logFile}, or set DATABASE_URL to another PostgreSQL.`,
  );
}
