import { once } from 'node:events';
import type { Response } from 'express';

/** How often a client is sent a comment where there is nothing to tell, so that nobody between takes the connection for dead, in ms. */
const heartbeat = 15_000;

/**
 * Sends events as they come, as `text/event-stream` (HTML Standard, 9.2): each as JSON, numbered from 1; undefined is none. Ends with
 * the events or, at the next of them, once the client has gone away or the server is told to close.
 */
export async function sendEvents(
  res: Response,
  events: AsyncIterable<unknown>,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  res.statusCode = 200;
  res.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  res.setHeader('Cache-Control', 'no-store');
  // Proxies that collect answers would keep the events back.
  res.setHeader('X-Accel-Buffering', 'no');
  res.flushHeaders();
  const alive = setInterval(() => res.write(':\n\n'), heartbeat);
  try {
    let number = 0;
    for await (const event of events) {
      if (signal.aborted) break;
      if (event === undefined) continue;
      number += 1;
      const isTaken = res.write(`id: ${number}\ndata: ${JSON.stringify(event)}\n\n`);
      if (!isTaken) await once(res, 'drain', { signal }).catch(() => undefined);
      if (signal.aborted) break;
    }
  } finally {
    clearInterval(alive);
    res.end();
  }
}
