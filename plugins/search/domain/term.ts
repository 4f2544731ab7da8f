/** Tells the family of an IP address, 4 or 6, or 0 of anything else: `isIP` of `node:net`. */
export type FamilyOf = (text: string) => number;

/** All that a term can mean. What it cannot be is undefined, and nothing is looked for by it. */
export interface Term {
  /** As typed, without what is round it and with single spaces. */
  readonly text: string;
  /** An address without a prefix length. */
  readonly address?: string;
  /** A block: an address and a prefix length, host bits perhaps set; PostgreSQL's `network()` makes the network of it. */
  readonly block?: string;
  /** The first and the last MAC address that begin so, 12 hexadecimal digits each. */
  readonly macs?: { readonly first: string; readonly last: string };
  readonly number?: {
    readonly value: number;
    /** What the number is said to be, lower case: `vlan` of `VLAN 120`; it then means nothing else. */
    readonly of?: string;
    /** What it is a number in, as in `core/120`: the title of a record that it belongs to. */
    readonly within?: string;
  };
  /** A label: what follows `tag:`, which then means nothing else, or what may be a name. */
  readonly tag?: string;
  /** Whether it may be a name, and not only an address, a block or a MAC address. */
  readonly isName: boolean;
  /** Whether it has three letters or digits in a row: with fewer, no index of trigrams finds a part of a name. */
  readonly hasTrigram: boolean;
}

const trigram = /[\p{L}\p{N}]{3}/u;

/** Says what a term can mean; several things at once where it can, such as `120` a VLAN and a part of a name. */
export function readTerm(typed: string, familyOf: FamilyOf): Term {
  const text = typed.trim().replaceAll(/\s+/g, ' ');
  const { address, block } = readNetwork(text, familyOf);
  const macs = readMacs(text);
  const number = readNumber(text) ?? (block === undefined ? readMember(text) : undefined);
  const saidTag = /^tag\s*[:=]\s*(.+)$/i.exec(text)?.[1];
  const isMac = macs !== undefined && macs.first === macs.last && text.includes(':');
  const isBlock = block !== undefined && text.includes('/');
  const isName = address === undefined && !isBlock && !isMac && saidTag === undefined;
  const tag = saidTag ?? (isName ? text : undefined);
  return {
    text,
    ...(address === undefined ? {} : { address }),
    ...(block === undefined ? {} : { block }),
    ...(macs ? { macs } : {}),
    ...(number ? { number } : {}),
    ...(tag === undefined ? {} : { tag }),
    isName,
    hasTrigram: trigram.test(text),
  };
}

const longestPart = 12;

/**
 * Of a long text the part that tells most: twelve characters with as many digits as any, the first of such, for names differ by their
 * numbers. A text of at most twelve is all of it; all parts have a trigram, where the text has one.
 */
export function tellingPart(text: string): string {
  const characters = [...text];
  if (characters.length <= longestPart) return text;
  let best = '';
  let most = -1;
  for (let at = 0; at + longestPart <= characters.length; at += 1) {
    const part = characters.slice(at, at + longestPart).join('');
    const digits = part.replaceAll(/\P{Nd}/gu, '').length;
    if (digits <= most || !trigram.test(part)) continue;
    [best, most] = [part, digits];
  }
  return best === '' ? text : best;
}

/** `10.0.0.9`, `10.0.0.0/24`, `10.0.0.9/24` (the address and its network), `10.20` and `2001:db8:` (what begins so). */
function readNetwork(text: string, familyOf: FamilyOf): { address?: string; block?: string } {
  const [written = '', length, ...rest] = text.toLowerCase().split('/');
  if (rest.length > 0 || written.includes('%')) return {};
  const ip = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(written)?.[1] ?? written;
  const family = familyOf(ip);
  if (length === undefined) {
    if (family === 0) return { ...blockBeginning(ip) };
    const groups = /^([0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})::$/.exec(ip)?.[1];
    return { address: ip, ...(groups ? { block: `${ip}/${groups.split(':').length * 16}` } : {}) };
  }
  if (!/^\d{1,3}$/.test(length)) return {};
  // `10/8` and `10.20/16`, as many write them.
  const whole = family === 0 ? paddedQuad(ip) : ip;
  const bits = family === 6 ? 128 : 32;
  if (whole === undefined || ip !== written || Number(length) > bits) return {};
  const block = `${whole}/${Number(length)}`;
  // What is written so is an interface's address or a host of its own: both are looked for.
  const isHost = Number(length) === bits || bitsOf(whole).includes('1', Number(length));
  return isHost ? { address: whole, block } : { block };
}

/** The bits of an address as text of 32 or 128 digits. */
function bitsOf(ip: string): string {
  if (!ip.includes(':'))
    return ip
      .split('.')
      .map((byte) => binary(Number(byte), 8))
      .join('');
  const sides = ip.split('::').map((side) =>
    side
      .split(':')
      .filter(Boolean)
      .map((group) => (group.includes('.') ? bitsOf(group) : binary(Number.parseInt(group, 16), 16)))
      .join(''),
  );
  const [head = '', tail = ''] = sides;
  return head.padEnd(128 - tail.length, '0') + tail;
}

function binary(value: number, digits: number): string {
  return value.toString(2).padStart(digits, '0');
}

/** One to three numbers of a dotted quad with zeros for the rest. */
function paddedQuad(text: string): string | undefined {
  const bytes = text.split('.');
  const fits =
    bytes.length < 4 && bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256);
  return fits ? [...bytes, '0', '0', '0'].slice(0, 4).join('.') : undefined;
}

/** The block of all addresses that begin so. A single number is one only with a dot or colon behind it. */
function blockBeginning(text: string): { block: string } | undefined {
  const quad = text.replace(/(\.\*)+$/, '.');
  if (quad.includes('.')) {
    const begun = quad.replace(/\.$/, '');
    const whole = paddedQuad(begun);
    return whole === undefined ? undefined : { block: `${whole}/${begun.split('.').length * 8}` };
  }
  if (!/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6}:?$/.test(text) || !text.includes(':')) return undefined;
  const groups = text.replace(/:$/, '').split(':');
  // Pairs of digits are a MAC address.
  if (groups.every((group) => group.length === 2)) return undefined;
  return { block: `${groups.join(':')}${groups.length < 8 ? '::' : ''}/${groups.length * 16}` };
}

/** A MAC address in any usual notation, or how one begins: `00:1b:21`, `001b.21`, `001B21-AABBCC`, bare from six digits on. */
function readMacs(text: string): Term['macs'] {
  const separator = /[:.-]/.exec(text)?.[0];
  const groups = separator === undefined ? [text] : text.replace(/[:.-]$/, '').split(separator);
  const size = separator === undefined ? 12 : (groups[0]?.length ?? 0);
  const sizes = separator === '.' ? [4] : [2, 4, 6, 12];
  // Only the last group may be unfinished.
  const isWhole = groups.every(
    ({ length }, nth) => length === size || (nth === groups.length - 1 && length < size),
  );
  const digits = groups.join('').toLowerCase();
  const least = separator === undefined ? 6 : 4;
  if (!sizes.includes(size) || !isWhole || digits.length < least || !/^[0-9a-f]{1,12}$/.test(digits))
    return undefined;
  return { first: digits.padEnd(12, '0'), last: digits.padEnd(12, 'f') };
}

/** `120`, `vlan 120`, `VLAN-120`, `vid: 120`. */
function readNumber(text: string): Term['number'] {
  const match = /^(?:(\p{L}[\p{L} -]*?)[\s:#_-]*)?(\d{1,9})$/u.exec(text);
  if (!match) return undefined;
  const [, of, digits] = match;
  return { value: Number(digits), ...(of ? { of: of.toLowerCase().replaceAll(/[\s-]+/g, '-') } : {}) };
}

/** `core/120`, the last slash before the number. */
function readMember(text: string): Term['number'] {
  const [, within, digits] = /^(.+)\/(\d{1,9})$/u.exec(text) ?? [];
  return within === undefined ? undefined : { value: Number(digits), within };
}
