import { createHash } from 'node:crypto';
import type { RunQuery } from '#core';
import type { UsersContext } from './context.ts';
import { networkOf } from './domain/network.ts';
import { usersErrors } from './errors.ts';
import * as sql from './queries.ts';

/** What wrong guesses are counted for: an account, a client's network, or a user who is signed in. */
export interface Guessed {
  key: Buffer;
  /** How many failures lock. */
  free: number;
  /** In how many seconds one failure is forgiven. */
  forgives: number;
}

/** Counts wrong passwords in the database, and locks out for longer and longer. */
export interface Attempts {
  /** An e-mail address as typed, whether or not somebody has it: so a lock does not tell who exists. */
  account(email: string): Guessed;
  /** An IPv4 address, or the /64 that an IPv6 address is in. */
  network(address: string): Guessed;
  /** A signed-in user's own guesses at their password: nobody else can lock these. */
  owner(id: number): Guessed;
  /** Throws 429 `sign-in-locked`, with `Retry-After`, while any of them is locked. */
  demandOpen(guessed: readonly Guessed[], query?: RunQuery): Promise<void>;
  /** Counts a failure of each. */
  fail(guessed: readonly Guessed[]): Promise<void>;
  /** Forgets the failures of one. */
  forgive(guessed: Guessed, query?: RunQuery): Promise<void>;
  /** Forgets what is forgiven; until `signal` is aborted. */
  purge(signal: AbortSignal): Promise<void>;
}

const purgedAtOnce = 10_000;

/** Makes the counter of one register. */
export function createAttempts(ctx: UsersContext): Attempts {
  const { lockoutFailures, lockoutAddressFailures } = ctx.config;
  const guessed = (of: string, free: number, forgives: number): Guessed => ({
    key: createHash('sha256').update(of).digest(),
    free,
    forgives,
  });

  return {
    account: (email) => guessed(`account ${email.trim().toLowerCase()}`, lockoutFailures, 900),
    network: (address) => guessed(`network ${networkOf(address)}`, lockoutAddressFailures, 60),
    owner: (id) => guessed(`owner ${id}`, lockoutFailures, 900),

    async demandOpen(each, query = ctx.db.query) {
      const keys = each.map(({ key }) => key);
      const [lock] = await query<{ wait: number | null }>(sql.lockedFor, [keys, ctx.clock()]);
      if (!lock?.wait) return;
      throw usersErrors.signInLocked(`Too many sign-ins have failed; try again in ${lock.wait} s.`, {
        headers: { 'Retry-After': String(lock.wait) },
      });
    },

    async fail(each) {
      for (const { key, free, forgives } of each) {
        await ctx.db.query(sql.countFailure, [key, free, forgives, ctx.clock()]);
      }
    },

    forgive: async ({ key }, query = ctx.db.query) => void (await query(sql.forgive, [key])),

    async purge(signal) {
      let gone = purgedAtOnce;
      while (gone === purgedAtOnce && !signal.aborted) {
        const [row] = await ctx.db.query<{ gone: number }>(sql.purgeFailures, [ctx.clock(), purgedAtOnce]);
        gone = Number(row?.gone);
      }
    },
  };
}
