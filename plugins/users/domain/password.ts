import { isGuessable } from './guessable.ts';

/** The fewest characters of a password. */
export const shortestPassword = 12;

/** The most bytes (UTF-8) of a password: bcrypt would not look at what follows. */
const longestPassword = 72;

/** Too few different characters to be worth guessing at: `aaaaaaaaaaaa`, `121212121212`. */
const fewestDifferent = 5;

/** A local part shorter than this turns up in good passwords by chance. */
const shortestTellingName = 4;

/** Why a password is refused: a stable code, and a sentence for the person who chose it. */
export interface PasswordFault {
  code: 'too-short' | 'too-long' | 'common-password' | 'contains-email';
  message: string;
}

/** The first reason to refuse a password for the user of this e-mail address; undefined where it is good enough. */
export function passwordFault(password: string, email: string): PasswordFault | undefined {
  if (password.length < shortestPassword) {
    return { code: 'too-short', message: `A password has at least ${shortestPassword} characters.` };
  }
  if (!fitsBcrypt(password)) return { code: 'too-long', message: tooLong };
  const lower = password.toLowerCase();
  const [localPart = ''] = email.toLowerCase().split('@');
  if (localPart.length >= shortestTellingName && lower.includes(localPart)) {
    return { code: 'contains-email', message: 'A password must not contain the name in the e-mail address.' };
  }
  if (
    new Set(lower).size < fewestDifferent ||
    isGuessable(password, email.toLowerCase().split(/[^\p{L}\p{N}]+/u))
  ) {
    const message =
      'It is made of what anyone would try first; several words that do not go together are better.';
    return { code: 'common-password', message };
  }
  return undefined;
}

/** What a person is told whose password is longer than bcrypt looks at. */
export const tooLong = `A password has at most ${longestPassword} bytes; letters beyond ASCII take two or more each.`;

/** True where bcrypt looks at the whole password. */
export function fitsBcrypt(password: string): boolean {
  return new TextEncoder().encode(password).length <= longestPassword;
}
