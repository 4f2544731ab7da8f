import { randomBytes } from 'node:crypto';
import type { UsersApi } from '#plugins/users';

/** Who the first admin is; without a password, a random one is made. */
export interface FirstAdmin {
  email: string;
  password?: string | undefined;
}

/**
 * Creates the first admin where there is no user at all, once however many processes start together. Answers the e-mail
 * and the password only where it was made here: to be printed once, and changed by its owner.
 */
export async function ensureFirstAdmin(
  users: Pick<UsersApi, 'createFirstUser'>,
  { email, password }: FirstAdmin,
  caller: Parameters<UsersApi['createFirstUser']>[0],
): Promise<{ email: string; password: string } | undefined> {
  const chosen = password ?? randomBytes(18).toString('base64url');
  const created = await users.createFirstUser(caller, {
    email,
    name: 'Administrator',
    role: 'admin',
    password: chosen,
    active: true,
    mustChangePassword: password === undefined,
  });
  return created && password === undefined ? { email, password: chosen } : undefined;
}
