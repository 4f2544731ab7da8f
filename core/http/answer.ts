import type { Response } from 'express';
import { entityTag } from './request.ts';
import type { Outcome } from './run.ts';

/** What goes back to a client: made before the transaction ends, so that it can be kept with it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** JSON; null where there is no body. */
  body: string | null;
}

/** The answer to a success. A record's `version` is its ETag, and one that was just made has a place below `path` from now on. */
export function answerOf(
  { status, reply, dryRun }: Outcome,
  headers: Answer['headers'],
  path: string,
): Answer {
  if (reply === undefined) return { status, headers, body: null };
  const { version, id } = (reply ?? {}) as { version?: unknown; id?: unknown };
  // What a dry run would have made has no version that anybody could name later.
  if (!dryRun && typeof version === 'number') headers.ETag = entityTag(version);
  if (status === 201 && typeof id === 'number') headers.Location = `${path}/${id}`;
  return { status, headers, body: JSON.stringify(reply) };
}

/** Sends an answer, without Express's content negotiation and body hash. */
export function send(res: Response, { status, headers, body }: Answer): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (body === null) {
    res.end();
    return;
  }
  if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** Sends a value as JSON. */
export function sendJson(res: Response, status: number, value: unknown): void {
  send(res, { status, headers: {}, body: JSON.stringify(value) });
}
