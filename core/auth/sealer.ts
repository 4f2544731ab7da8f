import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { keptSecret } from './tokens.ts';

/** Seals what must not be altered unnoticed: HMAC-SHA256 (RFC 2104) with a key that the database does not have. */
export interface Sealer {
  /** Names the key that seals now. */
  readonly keyId: string;
  /** What a key makes of the bytes: the key of that name, former ones too, or the one of now; undefined where there is none of it. */
  seal(bytes: Buffer, keyId?: string): Buffer | undefined;
}

/** Makes it of keys, the first of which seals; nothing without any. */
export function createSealer(keys: readonly string[]): Sealer | undefined {
  const byId = new Map(keys.map((key) => [hmac(key, 'cadastre seal key').toString('hex').slice(0, 16), key]));
  const [keyId] = byId.keys();
  if (keyId === undefined) return undefined;
  return {
    keyId,
    seal(bytes, by = keyId) {
      const key = byId.get(by);
      return key === undefined ? undefined : hmac(key, bytes);
    },
  };
}

/** The sealer of the configured keys, or of one made once and kept (0600) in the data directory; in production, none of those. */
export async function loadSealer(
  keys: readonly string[],
  production: boolean,
  dataDir: string,
): Promise<Sealer | undefined> {
  if (keys.length > 0 || production) return createSealer(keys);
  return createSealer([await keptSecret(join(dataDir, 'secrets'), 'audit')]);
}

function hmac(key: string, bytes: Buffer | string): Buffer {
  return createHmac('sha256', key).update(bytes).digest();
}
