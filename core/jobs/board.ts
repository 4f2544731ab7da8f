import { createBullBoard } from '@bull-board/api';
import { BullAdapter } from '@bull-board/api/bullAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Express, RequestHandler, Response } from 'express';
import type { BullQueue } from './bull.ts';

type Render = (
  path: string,
  options: { _locals?: Response['locals'] },
  then: (fault: unknown, html?: string) => void,
) => void;

/**
 * Bull's board of these jobs' queues, served below `path`, to whoever its user lets through. It only shows: what a run is, and
 * whether it goes on, is decided in PostgreSQL, by `/jobs`.
 */
export function createQueueBoard(queue: BullQueue, jobs: readonly string[], path: string): RequestHandler {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: jobs.map((job) => new BullAdapter(queue.queueOf(job), { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Cadastre: queues' } },
  });
  const board = adapter.getRouter() as Express & { engines: Record<string, Render> };
  board.disable('x-powered-by');
  const render = board.engines['.ejs'] as Render;
  board.engine('ejs', (file, options, then) =>
    render(file, options as never, (fault, html) => then(fault as Error, html && withoutForeigners(html))),
  );
  return (req, res, next) => {
    // Its page has a <base>, and React sets styles of its own; no script but its files runs.
    res.setHeader('Content-Security-Policy', policy);
    board(req, res, next);
  };
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The page asks another host for its font; ours has others. */
function withoutForeigners(html: string): string {
  return html.replaceAll(/<link\b[^>]*fonts\.googleapis\.com[^>]*>/g, '');
}
