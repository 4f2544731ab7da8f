import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { tokenRules } from './authenticate.ts';

/** Signs an access token for `subject` that lives for `seconds` (RFC 7519). */
export type IssueToken = (subject: string, claims: Record<string, unknown>, seconds: number) => string;

/** Makes the signer that belongs to the verifier in `authenticate.ts`. */
export function createIssueToken(key: KeyObject): IssueToken {
  const { algorithm, issuer, audience } = tokenRules;
  return (subject, claims, seconds) =>
    jwt.sign(claims, key, { algorithm, issuer, audience, subject, expiresIn: seconds });
}

/** The signing key from the configured secret, or from one made once and kept (0600) in the data directory. */
export async function loadTokenKey(secret: string | undefined, dataDir: string): Promise<KeyObject> {
  return createSecretKey(Buffer.from(secret ?? (await keptSecret(join(dataDir, 'secrets'), 'jwt'))));
}

/** A secret that is made once and kept (0600) in a folder. */
export async function keptSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Linked, not written in place: of two processes that start at once, neither may read the other's half a secret.
  await writeFile(draft, randomBytes(48).toString('base64url'), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
  } finally {
    await unlink(draft);
  }
  return readFile(file, 'utf8');
}
