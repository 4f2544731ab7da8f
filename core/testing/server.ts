import pg from 'pg';
import { attachEmbeddedPostgres, type EmbeddedPostgres } from '../db/embedded.ts';

/** A server with a session of ours that holds it: the last test run to let go stops it. */
interface HeldServer {
  embedded: EmbeddedPostgres;
  holder: pg.Client;
}

const dataDir = '.cadastre/test';
// Shared by every test run that uses the server, taken alone by the one that stops it.
const inUse = 4_207_129_874;
let held: Promise<HeldServer> | undefined;

/** The server that tests share: `TEST_DATABASE_URL`, or an embedded one, started by whoever needs it first. */
export async function testServerUrl(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return given;
  held ??= hold();
  return (await held).embedded.ownerUrl;
}

async function hold(): Promise<HeldServer> {
  for (let attempt = 1; ; attempt += 1) {
    const embedded = await attachEmbeddedPostgres({ dataDir, log: { info() {}, warn() {} } });
    const holder = new pg.Client({ connectionString: embedded.ownerUrl });
    holder.on('error', () => undefined);
    try {
      await holder.connect();
      await holder.query('SELECT pg_advisory_lock_shared($1)', [inUse]);
      return { embedded, holder };
    } catch (fault) {
      // Another run may have stopped it between our look and our hold.
      if (attempt === 5) throw fault;
    }
  }
}

/** Lets go of the embedded server, if one was used, and stops it unless another test run still uses it. */
export async function stopTestServer(): Promise<void> {
  const server = await held;
  held = undefined;
  if (!server) return;
  const { embedded, holder } = server;
  await holder.query('SELECT pg_advisory_unlock_shared($1)', [inUse]);
  const { rows } = await holder.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1) AS alone', [
    inUse,
  ]);
  const alone = rows[0]?.alone === true;
  if (alone) await dropLeftovers(holder);
  await holder.end();
  if (alone) await embedded.stop();
}

/** Databases of test runs that were killed. */
async function dropLeftovers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'",
  );
  for (const { datname } of rows) await client.query(`DROP DATABASE ${datname} WITH (FORCE)`);
}
