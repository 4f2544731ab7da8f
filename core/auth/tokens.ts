import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';

/** The claims that access tokens are made and verified with (RFC 7519); nothing else is accepted. */
export const tokenRules = { issuer: 'cadastre', audience: 'cadastre-api' } as const;

/** The one algorithm of a key: RS256 of an RSA key, HS256 of a secret. A token does not get to choose. */
export function algorithmOf(key: KeyObject): 'HS256' | 'RS256' {
  return key.type === 'secret' ? 'HS256' : 'RS256';
}

/** What verifies that which a key signs: the secret itself, or the public half of an RSA key. */
export function verifierOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** A secret that whoever has the signing key can work out, and nobody else. */
export function secretOf(key: KeyObject): KeyObject {
  if (key.type === 'secret') return key;
  return createSecretKey(
    createHash('sha256')
      .update(key.export({ type: 'pkcs8', format: 'der' }))
      .digest(),
  );
}

/** Signs an access token for `subject` that lives for `seconds` (RFC 7519). */
export type IssueToken = (subject: string, claims: Record<string, unknown>, seconds: number) => string;

/** Makes the signer that belongs to the verifier in `authenticate.ts`. */
export function createIssueToken(key: KeyObject): IssueToken {
  const { issuer, audience } = tokenRules;
  const algorithm = algorithmOf(key);
  return (subject, claims, seconds) =>
    jwt.sign(claims, key, { algorithm, issuer, audience, subject, expiresIn: seconds });
}

/** Where the signing key comes from. */
export interface KeySettings {
  JWT_SECRET?: string | undefined;
  /** PEM, or the path of a file that holds it. */
  JWT_PRIVATE_KEY?: string | undefined;
  JWT_PUBLIC_KEY?: string | undefined;
  DATA_DIR: string;
}

/**
 * The signing key: the configured RSA key (RS256), else the configured secret (HS256), else a secret made once and kept (0600) in
 * the data directory. Throws, naming the variable, where an RSA key cannot be read, is too short, or is not that of the public one.
 */
export async function loadTokenKey(settings: KeySettings): Promise<KeyObject> {
  const { JWT_SECRET, JWT_PRIVATE_KEY, JWT_PUBLIC_KEY, DATA_DIR } = settings;
  if (JWT_PRIVATE_KEY === undefined) {
    return createSecretKey(Buffer.from(JWT_SECRET ?? (await keptSecret(join(DATA_DIR, 'secrets'), 'jwt'))));
  }
  const key = await readKey('JWT_PRIVATE_KEY', JWT_PRIVATE_KEY, createPrivateKey);
  if (JWT_PUBLIC_KEY !== undefined) {
    const stated = await readKey('JWT_PUBLIC_KEY', JWT_PUBLIC_KEY, createPublicKey);
    if (!createPublicKey(key).equals(stated)) {
      throw new Error('JWT_PUBLIC_KEY is not the public key of JWT_PRIVATE_KEY: set the two of one pair.');
    }
  }
  return key;
}

const shortestModulus = 2048;

async function readKey(
  variable: string,
  value: string,
  parse: (pem: string) => KeyObject,
): Promise<KeyObject> {
  let key: KeyObject;
  try {
    // Where a variable cannot hold line breaks, they are written as \n.
    const pem = value.includes('-----BEGIN') ? value.replaceAll('\\n', '\n') : await readFile(value, 'utf8');
    key = parse(pem);
  } catch (fault) {
    const why = (fault as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it is no key';
    throw new Error(`${variable} must be an RSA key in PEM, or the path of a file that holds one; ${why}.`);
  }
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa' || modulusLength < shortestModulus) {
    throw new Error(`${variable} must be an RSA key of at least ${shortestModulus} bits.`);
  }
  return key;
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
