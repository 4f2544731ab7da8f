import { canonical, type Read } from './canonical.ts';

/** Reads a MAC address in any usual notation (`00-1A-2b…`, `001a.2b3c.4d5e`, bare) and answers it as `00:1a:2b:3c:4d:5e`. */
export function readMac(text: string): Read<string> {
  const digits = text.replaceAll(/[:.\s-]/g, '').toLowerCase();
  if (text.length > 30 || !/^[0-9a-f]{12}$/.test(digits)) {
    return {
      ok: false,
      why: `"${text.slice(0, 40)}" is not a MAC address: 12 hexadecimal digits, as in 00:1a:2b:3c:4d:5e`,
    };
  }
  return { ok: true, value: digits.match(/../g)?.join(':') ?? digits };
}

/** A MAC address in any notation; `00:1a:2b:3c:4d:5e` afterwards. */
export const macField = canonical(readMac, (text) => text, 'not-a-mac', 'mac');
