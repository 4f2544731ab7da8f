import { principalSources } from '#core';
import { type Accounts, createAccounts } from './accounts.ts';
import type { UsersContext } from './context.ts';
import { createPasswords } from './passwords.ts';
import { createSessions, type Sessions } from './sessions.ts';

/** What this plugin can do. */
export interface UsersApi extends Accounts, Sessions {}

/** Makes the users of one register, and tells the kernel whom their access tokens speak for. */
export function createUsersService(ctx: UsersContext): UsersApi {
  const passwords = createPasswords();
  const sessions = createSessions(ctx, passwords);
  ctx.extend(principalSources, sessions.principalOf);
  return { ...createAccounts(ctx, passwords), ...sessions };
}
