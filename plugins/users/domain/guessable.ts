/** Words that people make passwords of when they are asked for one, in lower case: what a guesser tries first, with a year behind it. */
const words =
  `password passwort passwd passwords motdepasse contrasena senha parola mypassword secret geheim access login logon
  welcome willkommen bienvenue letmein openup open changeme changethis changenow change now default admin administrator adm root
  superuser guest manager master boss service server system network networks networking netadmin sysadmin router switch firewall
  cisco juniper mikrotik ipam cadastre subnet address internet computer windows office company business hello hallo bonjour
  iloveyou loveyou love lovely lovers trustno1 dragon monkey shadow football baseball soccer hockey basketball superman batman
  spiderman starwars startrek pokemon princess sunshine flower freedom whatever nothing forever together chocolate butterfly
  liverpool arsenal chelsea barcelona michael jennifer jessica charlie jordan daniel thomas ashley nicole michelle matthew anthony
  william elizabeth alexander christian samantha mustang ferrari mercedes
  january february march april may june july august september october november december januar februar juni juli oktober dezember
  monday tuesday wednesday thursday friday saturday sunday winter spring summer autumn fall sommer herbst
  qwerty qwertz azerty asdf zxcv yxcv qazwsx zaqwsx unbelievable correcthorsebatterystaple`
    .split(/\s+/)
    .sort((a, b) => b.length - a.length);

/** What fingers run along: digits, the alphabet, the rows and slopes of keyboards; in both directions. */
const rows = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop[]',
  'qwertzuiop',
  'azertyuiop',
  "asdfghjkl;'\\",
  'zxcvbnm,./',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'qazwsxedcrfvtgbyhnujmikolp',
  '!@#$%^&*()',
].flatMap((row) => [row, [...row].reverse().join('')]);

const shortestRun = 3;

/** What else a letter is written as. */
const disguises: Readonly<Record<string, string>> = {
  a: 'a@4',
  e: 'e3',
  i: 'i1!',
  l: 'l1',
  o: 'o0',
  s: 's$5',
  t: 't7+',
};

/** So few characters that come from nowhere are no obstacle: a year, a lucky number. */
const mostUnknown = 4;

/** How many characters of `text` from `at` on read as `word`, disguised or not; 0 where they do not. */
function lengthAs(word: string, text: string, at: number): number {
  for (const [nth, letter] of [...word].entries()) {
    const given = text[at + nth];
    if (given === undefined || !(disguises[letter] ?? letter).includes(given)) return 0;
  }
  return word.length;
}

function runAt(text: string, at: number): number {
  let length = shortestRun;
  while (at + length <= text.length && rows.some((row) => row.includes(text.slice(at, at + length))))
    length += 1;
  return length > shortestRun ? length - 1 : 0;
}

/**
 * Whether a password is put together from what anyone would try first: well-known words, runs on the keyboard, what else is known
 * of its owner (`own`, in lower case), and hardly anything besides.
 */
export function isGuessable(password: string, own: readonly string[]): boolean {
  const text = password.toLowerCase();
  const known = [...own.filter((word) => word.length > 1), ...words];
  let unknown = 0;
  for (let at = 0; at < text.length; ) {
    const taken = Math.max(runAt(text, at), ...known.map((word) => lengthAs(word, text, at)));
    if (taken < 2 && /[\p{L}\p{N}]/u.test(text[at] as string)) unknown += taken === 1 ? 0 : 1;
    at += Math.max(taken, 1);
  }
  return unknown <= mostUnknown;
}
