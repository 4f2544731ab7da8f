/** The fewest characters of a password. */
export const shortestPassword = 12;

/** The most bytes (UTF-8) of a password: bcrypt would not look at what follows. */
const longestPassword = 72;

/** Too few different characters to be worth guessing at: `aaaaaaaaaaaa`, `121212121212`. */
const fewestDifferent = 5;

/** A local part shorter than this turns up in good passwords by chance. */
const shortestTellingName = 4;

/** The well-known passwords that are long enough to be accepted otherwise, in lower case. */
const common = new Set(
  `123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 123123123123 123456123456 098765432109
  0123456789012 012345678910 1234567891011 123456789abc 123456789qwe abc123456789 abcd12345678 abcdefghijkl
  abcdefghijklm abcdefghijklmnop abcdefghijklmnopqrstuvwxyz qwertyuiop12 qwertyuiop123 qwertyuiop[] qwerty123456
  qwertyqwerty qwerty1234567 qwerty12345678 qwertyuiopasdf qwertyuiopasdfgh qwertyuiopasdfghjkl asdfghjkl123
  asdfghjklqwerty asdfasdfasdf asdfghjkl;'\\ zxcvbnm12345 zxcvbnmasdfghjkl 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1q2w3e4r5t6y
  1q2w3e4r5t6y7u8i q1w2e3r4t5y6 qazwsxedcrfv qazwsxedc123 zaq12wsxcde3 !qaz2wsx3edc password1234 password12345
  password123456 password123! password2024 password2025 password2026 passwordpassword mypassword123 p@ssw0rd1234
  p@ssword1234 p@ssw0rd123! passw0rd1234 passwort1234 motdepasse123 contrasena123 pass12345678 administrator
  administrator1 admin1234567 admin12345678 admin123456789 adminadminadmin adminpassword rootrootroot root12345678
  changeme1234 changeme12345 changeme123! changemenow1 letmein12345 letmeinletmein welcome12345 welcome123456
  welcomewelcome iloveyou1234 iloveyou12345 iloveyouiloveyou trustno1trustno1 football1234 baseball1234 superman1234
  sunshine1234 princess1234 starwars1234 dragon123456 monkey123456 master123456 shadow123456 michael12345
  correcthorsebatterystaple unbelievable cadastre1234 cadastre12345 networkadmin networknetwork cisco1234567`.split(
    /\s+/,
  ),
);

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
  if (common.has(lower) || new Set(lower).size < fewestDifferent) {
    return { code: 'common-password', message: 'This password is among the first that anyone would try.' };
  }
  const [localPart = ''] = email.toLowerCase().split('@');
  if (localPart.length >= shortestTellingName && lower.includes(localPart)) {
    return { code: 'contains-email', message: 'A password must not contain the name in the e-mail address.' };
  }
  return undefined;
}

/** What a person is told whose password is longer than bcrypt looks at. */
export const tooLong = `A password has at most ${longestPassword} bytes; letters beyond ASCII take two or more each.`;

/** True where bcrypt looks at the whole password. */
export function fitsBcrypt(password: string): boolean {
  return new TextEncoder().encode(password).length <= longestPassword;
}
