import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { ask, connectionUrl, query, type ServerAddress } from './probe.ts';

/** The role by which Cadastre uses the embedded database: not its owner, so that it cannot rewrite what only grows. */
const APPLICATION = 'cadastre_app';

/**
 * Answers the URL of the application's own role on a server that is ready, and makes the role where it is absent or has
 * another password than `passwordFile` says. Callers hold the lock of the server.
 */
export async function applicationUrl(
  server: ServerAddress & { ownerUrl: string },
  passwordFile: string,
): Promise<string> {
  const password = await keptPassword(passwordFile);
  const url = connectionUrl({ ...server, role: APPLICATION, password });
  try {
    await ask(url);
  } catch (fault) {
    // invalid_password: what the server says of a role that it does not have, too.
    if ((fault as { code?: string }).code !== '28P01') throw fault;
    await query(
      server.ownerUrl,
      `DO $$ BEGIN CREATE ROLE ${APPLICATION}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
       ALTER ROLE ${APPLICATION} LOGIN PASSWORD '${password}'`,
    );
  }
  return url;
}

async function keptPassword(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '') return kept;
  const made = randomBytes(24).toString('base64url');
  await writeFile(file, made, { mode: 0o600 });
  return made;
}
