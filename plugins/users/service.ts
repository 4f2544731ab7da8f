import { type AccessClaims, principalSources, signIns, tokenSources } from '#core';
import { type Accounts, createAccounts } from './accounts.ts';
import { type ApiTokens, createApiTokens, tokenPrefix } from './api-tokens.ts';
import { createAttempts } from './attempts.ts';
import type { UsersContext } from './context.ts';
import { createPasswords } from './passwords.ts';
import { createResets, type Resets } from './resets.ts';
import { credentials, type Session } from './schemas.ts';
import { badCredentials, createSessions, type Sessions } from './sessions.ts';

/** What this plugin can do. */
export interface UsersApi extends Accounts, Sessions, Resets, ApiTokens {
  /** Forgets failed sign-ins that are forgiven. */
  purgeFailures(signal: AbortSignal): Promise<void>;
}

/** Makes the users of one register, and tells the kernel whom their access tokens and API tokens speak for. */
export function createUsersService(ctx: UsersContext): UsersApi {
  const passwords = createPasswords();
  const attempts = createAttempts(ctx);
  const accounts = createAccounts(ctx, passwords, attempts);
  const sessions = createSessions(ctx, passwords, attempts);
  const resets = createResets(ctx, passwords, attempts);
  const tokens = createApiTokens(ctx);
  ctx.extend(principalSources, sessions.principalOf);
  ctx.extend(tokenSources, { prefix: tokenPrefix, find: tokens.holderOf });
  ctx.extend(signIns, {
    open: async (caller, email, password) => {
      const given = credentials.safeParse({ email, password });
      if (!given.success) throw badCredentials();
      return claimsOf(await sessions.login(caller, given.data.email, given.data.password));
    },
    close: sessions.end,
    changePassword: accounts.changePassword,
    resetPassword: resets.resetPassword,
  });
  return { ...accounts, ...sessions, ...resets, ...tokens, purgeFailures: attempts.purge };
}

/** What an access token says, for whoever keeps it in a session instead of sending it. */
function claimsOf({ accessToken }: Session): AccessClaims {
  const [, claims = ''] = accessToken.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}
