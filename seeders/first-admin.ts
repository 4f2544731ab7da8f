import { randomBytes } from 'node:crypto';
import { Problem } from '#core';
import type { UsersApi } from '#plugins/users';

/** Who the first admin is; without a password, a random one is made. */
export interface FirstAdmin {
  email: string;
  password?: string | undefined;
  /** Whether a password may be weak: where Cadastre is tried out, not in production. */
  mayBeWeak?: boolean;
}

/**
 * Creates the first admin where there is no user at all, once however many processes start together. Answers the e-mail
 * and the password only where it was made here: to be printed once, and changed by its owner. Throws for a password that is weak
 * and may not be.
 */
export async function ensureFirstAdmin(
  users: Pick<UsersApi, 'createFirstUser'>,
  { email, password, mayBeWeak = false }: FirstAdmin,
  caller: Parameters<UsersApi['createFirstUser']>[0],
): Promise<{ email: string; password: string } | undefined> {
  const chosen = password ?? randomBytes(18).toString('base64url');
  const input = {
    email,
    name: 'Administrator',
    role: 'admin',
    password: chosen,
    active: true,
    mustChangePassword: password === undefined,
  } as const;
  const created = await users.createFirstUser(caller, input, { mayBeWeak }).catch((fault: unknown) => {
    const weak = fault instanceof Problem && fault.errors?.find(({ path }) => path === 'body.password');
    throw weak ? new Error(`ADMIN_PASSWORD is too weak for production: ${weak.message}`) : fault;
  });
  return created && password === undefined ? { email, password: chosen } : undefined;
}
