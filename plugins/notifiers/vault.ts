import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Sealer } from '#core';

/** Keeps texts so that whoever has the database alone cannot read them. */
export interface Vault {
  /** Whether it can: without a key, texts are kept as they are. */
  readonly isLocked: boolean;
  /** What is kept of a text; `name` says what it is, and it is opened by that name alone. */
  close(name: string, text: string): string;
  /** The text; throws where the key that closed it is not there any more. */
  open(name: string, kept: string): string;
}

const purpose = Buffer.from('cadastre notifiers: secret settings, AES-256-GCM');
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Makes it of a key derived from AUDIT_KEY (an HMAC of a purpose of our own): AES-256-GCM (NIST SP 800-38D), as
 * `gcm:<key>:<nonce, tag and ciphertext>`. Without one, `plain:<text>`. Former keys still open what they closed.
 */
export function createVault(sealer: Sealer | undefined): Vault {
  return {
    isLocked: sealer !== undefined,
    close(name, text) {
      const key = sealer?.seal(purpose);
      if (!sealer || !key) return `plain:${text}`;
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      const closed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `gcm:${sealer.keyId}:${Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64')}`;
    },
    open(name, kept) {
      if (kept.startsWith('plain:')) return kept.slice('plain:'.length);
      const [, keyId = '', content = ''] = kept.split(':');
      const key = sealer?.seal(purpose, keyId);
      if (!key)
        throw new Error(
          `The setting "${name}" was kept under an AUDIT_KEY that is not there any more; set it anew.`,
        );
      const bytes = Buffer.from(content, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(name))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      return Buffer.concat([
        decipher.update(bytes.subarray(nonceBytes + tagBytes)),
        decipher.final(),
      ]).toString();
    },
  };
}
