import { z } from 'zod';
import { formatIp, type Read, readIp } from './domain/address.ts';
import { formatBlock, readBlock } from './domain/block.ts';
import { readMac } from './domain/mac.ts';

/** A schema that reads text with a domain function and keeps its canonical form; the function's sentence is the message. */
function canonical<T>(
  read: (text: string) => Read<T>,
  format: (value: T) => string,
  code: string,
  openApiFormat: string,
) {
  return z
    .string()
    .transform((text, ctx) => {
      const result = read(text.trim());
      if (result.ok) return format(result.value);
      ctx.addIssue({ code: 'custom', message: `${result.why}.`.replace('?.', '?'), params: { code } });
      return z.NEVER;
    })
    .meta({ override: { type: 'string', format: openApiFormat } });
}

/** An IPv4 or IPv6 address without prefix length; RFC 5952 afterwards. */
export const ipField = canonical(readIp, formatIp, 'not-an-address', 'ip');

/** A CIDR without host bits; canonical afterwards. */
export const cidrField = canonical(readBlock, formatBlock, 'not-a-cidr', 'cidr');

/** An address or a CIDR, for look-ups. */
export const ipOrCidrField = canonical<string>(
  (text) => {
    if (!text.includes('/')) {
      const ip = readIp(text);
      return ip.ok ? { ok: true, value: formatIp(ip.value) } : ip;
    }
    const block = readBlock(text);
    return block.ok ? { ok: true, value: formatBlock(block.value) } : block;
  },
  (text) => text,
  'not-an-address',
  'ip-or-cidr',
);

/** A MAC address in any notation; `00:1a:2b:3c:4d:5e` afterwards. */
export const macField = canonical(readMac, (text) => text, 'not-a-mac', 'mac');

/** A host name: labels of letters, digits, - and _, at most 253 characters (RFC 1123; the underscore as in RFC 2782). */
export const hostnameField = z
  .string()
  .trim()
  .max(253)
  .regex(
    /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$/,
    'Letters, digits, - and _ in labels of at most 63 characters, separated by dots',
  );
