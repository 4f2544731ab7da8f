import { principalSources, type SignedIn, signIns } from '#core';
import { type Accounts, createAccounts } from './accounts.ts';
import type { UsersContext } from './context.ts';
import { createPasswords } from './passwords.ts';
import type { Session } from './schemas.ts';
import { createSessions, type Sessions } from './sessions.ts';

/** What this plugin can do. */
export interface UsersApi extends Accounts, Sessions {}

/** Makes the users of one register, and tells the kernel whom their access tokens speak for. */
export function createUsersService(ctx: UsersContext): UsersApi {
  const passwords = createPasswords();
  const sessions = createSessions(ctx, passwords);
  ctx.extend(principalSources, sessions.principalOf);
  ctx.extend(signIns, {
    open: async (caller, email, password) => signedIn(await sessions.login(caller, email, password)),
    close: sessions.logout,
  });
  return { ...createAccounts(ctx, passwords), ...sessions };
}

/** What an access token says, for whoever keeps it in a session instead of sending it. */
function signedIn({ accessToken, refreshToken }: Session): SignedIn {
  const [, claims = ''] = accessToken.split('.');
  return { claims: JSON.parse(Buffer.from(claims, 'base64url').toString()), token: refreshToken };
}
