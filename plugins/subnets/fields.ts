import { z } from 'zod';
import { canonical } from '#core';
import { formatIp, readIp } from './domain/address.ts';
import { formatBlock, readBlock } from './domain/block.ts';

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

/** A host name: labels of letters, digits, - and _, at most 253 characters (RFC 1123; the underscore as in RFC 2782). */
export const hostnameField = z
  .string()
  .trim()
  .max(253)
  .regex(
    /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$/,
    'Letters, digits, - and _ in labels of at most 63 characters, separated by dots',
  );
