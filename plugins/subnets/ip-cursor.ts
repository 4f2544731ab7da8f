import { invalidRequest } from '#core';
import { readAnyIp } from './domain/address.ts';

/** Packs the last address of a page into the opaque text that clients hand back. */
export function encodeIpCursor(ip: string): string {
  return Buffer.from(ip).toString('base64url');
}

/** Unpacks it; 422 where it is not one of ours. */
export function decodeIpCursor(cursor: string): string {
  const ip = Buffer.from(cursor, 'base64url').toString();
  if (readAnyIp(ip).ok) return ip;
  throw invalidRequest([
    {
      path: 'query.cursor',
      code: 'bad-cursor',
      message: 'It is not a cursor of this list; start again without it.',
    },
  ]);
}
