import bcrypt from 'bcrypt';
import { invalidRequest } from '#core';
import { fitsBcrypt, passwordFault } from './domain/password.ts';

/** bcrypt's work factor: 2^12 rounds, about a quarter of a second. */
const cost = 12;

/** The hash, at that cost, of a password that was random and is forgotten. */
const nobody = '$2b$12$E8k/1Zi792Hdb08JsPnLK.eTqQKLQo8PeCrBrsjYGZQ2CRQhWG87O';

/** Hashes and compares passwords. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes the same time for a hash that is not there, so that an answer does not tell who exists. */
  matches(password: string, hash: string | undefined): Promise<boolean>;
}

/** Makes the comparer. */
export function createPasswords(): Passwords {
  return {
    hash: (password) => bcrypt.hash(password, cost),
    async matches(password, hash) {
      const same = await bcrypt.compare(password, hash ?? nobody);
      return same && hash !== undefined && fitsBcrypt(password);
    },
  };
}

/** Throws 422, naming the field and the reason, for a password that the user of this e-mail address may not have. */
export function demandStrength(password: string, email: string, path = 'body.password'): void {
  const fault = passwordFault(password, email);
  if (fault) throw invalidRequest([{ path, ...fault }]);
}
