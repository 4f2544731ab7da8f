import { kernelErrors, type Principal } from '#core';

/** Guesses per client address and minute, wherever a password or a link is compared. */
export const guessesPerMinute = 10;

/** The user's id; throws 403 where an API token asks, whose id is no user's. */
export function personOf({ kind, id }: Principal): number {
  if (kind === 'user') return id;
  throw kernelErrors.forbidden('An API token has no account of its own; sign in with a password for this.');
}
