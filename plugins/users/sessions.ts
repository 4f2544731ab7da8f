import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AccessClaims, Caller, Principal, Tx } from '#core';
import type { Attempts } from './attempts.ts';
import type { UsersContext } from './context.ts';
import { usersErrors } from './errors.ts';
import type { Passwords } from './passwords.ts';
import * as sql from './queries.ts';
import type { Session, User } from './schemas.ts';

/** How long an access token lives, in seconds. */
const accessSeconds = 900;
/** How long a refresh token lives, in milliseconds. */
const refreshLife = 7 * 24 * 3_600_000;

const hashed = (token: string) => createHash('sha256').update(token).digest();

interface Credentials {
  id: number;
  hash: string;
  active: boolean;
}

interface HeldToken {
  id: number;
  family: string;
  state: 'live' | 'spent' | 'revoked' | 'expired';
  user: User;
}

/** Signing in, renewing and signing out. */
export interface Sessions {
  /**
   * Throws 401 `bad-credentials`, the same and as late for a wrong password, an inactive and an unknown user; and 429
   * `sign-in-locked` after several failures of the account, which nobody need have, or from the client's network.
   */
  login(caller: Caller, email: string, password: string): Promise<Session>;
  /** Exchanges a refresh token for a new pair; throws 401, and ends the whole sign-in where the token was used before. */
  refresh(caller: Caller, token: string): Promise<Session>;
  /** Ends the sign-in that the token belongs to, if there is one. */
  logout(caller: Caller, token: string): Promise<void>;
  /** Ends the sign-in that an access token was made in. */
  end(caller: Caller, claims: AccessClaims): Promise<void>;
  /** The active user whom an access token speaks for; undefined where its subject is no user's id, or its sign-in has ended. */
  principalOf(claims: AccessClaims): Promise<Principal | undefined>;
}

/** The same for a wrong password, an inactive and an unknown user. */
export function badCredentials() {
  return usersErrors.badCredentials('No active user has this e-mail address and password.');
}

/** Makes the sign-ins of one register. */
export function createSessions(ctx: UsersContext, passwords: Passwords, attempts: Attempts): Sessions {
  async function openSession(tx: Tx, user: User, family: string): Promise<Session> {
    const now = ctx.clock();
    const refreshToken = randomBytes(32).toString('base64url');
    const expiresAt = new Date(now.getTime() + refreshLife);
    await tx.query(sql.insertToken, [user.id, family, hashed(refreshToken), now, expiresAt]);
    const accessToken = ctx.issueToken(String(user.id), { sid: family }, accessSeconds);
    return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn: accessSeconds, user };
  }

  /**
   * The token as it stands once its user's row is locked: everything that opens, renews or ends a sign-in takes that
   * lock first, so that no new token slips in while its family is being revoked.
   */
  async function lockToken(tx: Tx, token: string): Promise<HeldToken | undefined> {
    const [owner] = await tx.query<{ id: number }>(sql.tokenOwner, [hashed(token)]);
    const [user] = owner ? await tx.query<User>(sql.lockUser, [owner.id]) : [];
    const [held] = await tx.query<Omit<HeldToken, 'user'>>(sql.tokenByHash, [hashed(token), ctx.clock()]);
    return user && held && { ...held, user };
  }

  return {
    async login(caller, email, password) {
      const account = attempts.account(email);
      const guessed = caller.address === undefined ? [account] : [account, attempts.network(caller.address)];
      const refusal = await attempts.demandOpen(guessed).catch((fault: unknown) => fault);
      const [found] = await ctx.db.query<Credentials>(sql.credentialsByEmail, [email]);
      const open = refusal === undefined && found?.active ? found : undefined;
      // However it ends, a password is compared: a locked account answers as late as any other.
      const matches = await passwords.matches(password, open?.hash);
      if (refusal !== undefined) throw refusal;
      const opened =
        open && matches
          ? await ctx.transact(caller, async (tx) => {
              const now = ctx.clock();
              const [user] = await tx.query<User>(sql.markLogin, [open.id, open.hash, now]);
              if (!user) return undefined;
              // Of many guesses that came at once, none counts that ends after the others have locked the account.
              await attempts.demandOpen(guessed, tx.query);
              await attempts.forgive(account, tx.query);
              await tx.query(sql.forgetExpired, [user.id, now]);
              return openSession(tx, user, randomUUID());
            })
          : undefined;
      if (opened) return opened;
      await attempts.demandOpen(guessed);
      await attempts.fail(guessed);
      throw badCredentials();
    },

    async refresh(caller, token) {
      // The revocation must be committed, so the refusal is thrown after the transaction, not in it.
      const outcome = await ctx.transact(caller, async (tx) => {
        const held = await lockToken(tx, token);
        if (held?.state === 'spent') {
          await tx.query(sql.revokeFamily, [held.family, ctx.clock()]);
          return { reusedBy: held.user.id };
        }
        if (held?.state !== 'live' || !held.user.active) return undefined;
        await tx.query(sql.spendToken, [held.id, ctx.clock()]);
        return openSession(tx, held.user, held.family);
      });
      if (outcome === undefined) {
        throw usersErrors.refreshTokenInvalid('It is unknown, has expired or was revoked; sign in again.');
      }
      if ('reusedBy' in outcome) {
        ctx.log.warn(
          { user: outcome.reusedBy, address: caller.address },
          'a spent refresh token came back; its sign-in was ended',
        );
        throw usersErrors.refreshTokenReused(
          'A copy of it may be in other hands, so this sign-in was ended; sign in again.',
        );
      }
      return outcome;
    },

    async logout(caller, token) {
      await ctx.transact(caller, async (tx) => {
        const held = await lockToken(tx, token);
        if (held) await tx.query(sql.revokeFamily, [held.family, ctx.clock()]);
      });
    },

    async end(caller, { sub, sid }) {
      await ctx.transact(caller, async (tx) => {
        await tx.query(sql.lockUser, [sub]);
        await tx.query(sql.revokeFamily, [sid, ctx.clock()]);
      });
    },

    async principalOf({ sub, sid }) {
      if (!/^[1-9]\d{0,14}$/.test(sub)) return undefined;
      const [user] = await ctx.db.query<Omit<Principal, 'kind'>>(sql.principalById, [
        sub,
        sid ?? null,
        ctx.clock(),
      ]);
      return user && { ...user, kind: 'user' };
    },
  };
}
