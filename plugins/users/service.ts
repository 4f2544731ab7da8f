import { type AccessClaims, principalSources, signIns } from '#core';
import { type Accounts, createAccounts } from './accounts.ts';
import type { UsersContext } from './context.ts';
import { createPasswords } from './passwords.ts';
import { credentials, type Session } from './schemas.ts';
import { badCredentials, createSessions, type Sessions } from './sessions.ts';

/** What this plugin can do. */
export interface UsersApi extends Accounts, Sessions {}

/** Makes the users of one register, and tells the kernel whom their access tokens speak for. */
export function createUsersService(ctx: UsersContext): UsersApi {
  const passwords = createPasswords();
  const sessions = createSessions(ctx, passwords);
  ctx.extend(principalSources, sessions.principalOf);
  ctx.extend(signIns, {
    open: async (caller, email, password) => {
      const given = credentials.safeParse({ email, password });
      if (!given.success) throw badCredentials();
      return claimsOf(await sessions.login(caller, given.data.email, given.data.password));
    },
    close: sessions.end,
  });
  return { ...createAccounts(ctx, passwords), ...sessions };
}

/** What an access token says, for whoever keeps it in a session instead of sending it. */
function claimsOf({ accessToken }: Session): AccessClaims {
  const [, claims = ''] = accessToken.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}
