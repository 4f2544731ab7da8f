import { createHash, randomBytes } from 'node:crypto';
import { type Caller, kernelErrors, type Tx } from '#core';
import type { Attempts } from './attempts.ts';
import type { UsersContext } from './context.ts';
import { usersErrors } from './errors.ts';
import { demandStrength, type Passwords } from './passwords.ts';
import * as sql from './queries.ts';
import type { PasswordReset, User } from './schemas.ts';

/** How long a link to a new password lives, in milliseconds. */
const linkLife = 3_600_000;

const hashed = (token: string) => createHash('sha256').update(token).digest();

type Write = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** New passwords for those who have forgotten theirs, and an end to lock-outs. */
export interface Resets {
  /** A token that works once, within the hour; an earlier one of this user works no more. Throws 404, and 409 `user-inactive`. */
  openReset(write: Write, id: number): Promise<PasswordReset>;
  /** Sets the password and ends all sign-ins. Throws 401 `reset-token-invalid`, and 422 for a weak password, which costs nothing. */
  resetPassword(caller: Caller, token: string, password: string): Promise<void>;
  /** Forgets a user's failed sign-ins. Throws 404. */
  unlock(write: Write, id: number): Promise<User>;
}

/** Makes the resets of one register. */
export function createResets(ctx: UsersContext, passwords: Passwords, attempts: Attempts): Resets {
  async function lock(tx: Tx, id: number): Promise<User> {
    const [user] = await tx.query<User>(sql.lockUser, [id]);
    if (!user) throw kernelErrors.notFound(`There is no user ${id}.`);
    return user;
  }

  async function forgive(tx: Tx, { id, email }: User): Promise<void> {
    await attempts.forgive(attempts.account(email), tx.query);
    await attempts.forgive(attempts.owner(id), tx.query);
  }

  return {
    async openReset(write, id) {
      const token = randomBytes(32).toString('base64url');
      const expiresAt = new Date(ctx.clock().getTime() + linkLife);
      return write(async (tx) => {
        const user = await lock(tx, id);
        if (!user.active)
          throw usersErrors.userInactive(`${user.email} is inactive; activate the user first.`);
        await tx.query(sql.openReset, [id, hashed(token), expiresAt]);
        return { token, expiresAt: expiresAt.toISOString() };
      });
    },

    async resetPassword(caller, token, password) {
      const holder = [hashed(token), ctx.clock()];
      const [known] = await ctx.db.query<{ id: number; email: string }>(sql.resetHolder, holder);
      if (!known) throw invalidToken();
      demandStrength(password, known.email, 'body.newPassword');
      const hash = await passwords.hash(password);
      // Whoever holds the link acts as the user.
      await ctx.transact({ ...caller, actor: `user:${known.id}` }, async (tx) => {
        const user = await lock(tx, known.id);
        const [still] = await tx.query(sql.resetHolder, holder);
        if (!still) throw invalidToken();
        await tx.query(sql.setPassword, [user.id, hash]);
        await forgive(tx, user);
        const { id, email, name, role, active } = user;
        await ctx.emit(tx, 'user.updated', { id, email, name, role, active });
      });
    },

    unlock: (write, id) =>
      write(async (tx) => {
        const user = await lock(tx, id);
        await forgive(tx, user);
        return user;
      }),
  };
}

function invalidToken() {
  return usersErrors.resetTokenInvalid(
    'It is unknown, was used, or is older than an hour; ask for another one.',
  );
}
