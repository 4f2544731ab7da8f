import { z } from 'zod';
import { invalidRequest } from './validate.ts';

const shape = z.tuple([z.string(), z.string().nullable(), z.string()]);

/** Where a page ended: the sort it was made for, the sort column's value as PostgreSQL text, and the id. */
export interface Position {
  value: string | null;
  id: string;
}

/** Packs a position into the opaque text that clients hand back. */
export function encodeCursor(sort: string, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** Unpacks it; 422 where it is not one of ours or was made under another sort. */
export function decodeCursor(cursor: string, sort: string): Position {
  try {
    const [madeFor, value, id] = shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (madeFor === sort) return { value, id };
  } catch {
    // Falls through to the one answer for every way of being wrong.
  }
  throw invalidRequest([
    {
      path: 'query.cursor',
      code: 'bad-cursor',
      message: `It is not a cursor of this list sorted by ${sort}; start again without it.`,
    },
  ]);
}
