import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseAccount } from '../db/embedded/account.ts';
import { locateBinaries } from '../db/embedded/binaries.ts';
import { run } from '../db/embedded/run.ts';
import { attachEmbeddedPostgres } from '../db/embedded.ts';
import type { TestDatabase } from './database.ts';

/** A database on a PostgreSQL of its own, which a test may crash; nothing is migrated. */
export interface OwnServer extends TestDatabase {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Brings it back on the same port, where it recovers from its log; resolves when it takes connections. */
  start(): Promise<void>;
}

/** Starts one, in a folder of its own that is gone once it is dropped. */
export async function ownServer(): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cadastre-server-'));
  // PostgreSQL may not run as root, and has to reach its files.
  await chmod(folder, 0o755);
  const server = await attachEmbeddedPostgres({ dataDir: folder, log: { info() {}, warn() {} } });
  const home = join(folder, 'postgres');

  async function control(...words: string[]): Promise<void> {
    const data = join(home, 'data');
    const { prefix } = await chooseAccount(await stat(data));
    const log = `--log=${join(home, 'server.log')}`;
    const program = [...prefix, locateBinaries().pgCtl, `--pgdata=${data}`, log, '--wait'];
    const { code, output } = await run([...program, ...words], home);
    if (code !== 0) throw new Error(output);
  }

  return {
    url: server.ownerUrl,
    applicationUrl: server.url,
    kill: () => control('stop', '--mode=immediate'),
    // Unlike `start`, with the settings, and so the port, that it had before.
    start: () => control('restart'),
    async drop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
