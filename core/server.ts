import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KeyObject } from 'node:crypto';
import { createAuthenticate, principalSources } from './auth/authenticate.ts';
import { createPermissions } from './auth/permissions.ts';
import type { Database } from './db/database.ts';
import { createApp, createHealth } from './http/app.ts';
import { createReadBody } from './http/body.ts';
import { createDocs } from './http/docs.ts';
import { openApiOf } from './http/openapi.ts';
import type { Log } from './log/log.ts';
import type { Host } from './plugin/host.ts';
import { kernelVersion } from './plugin/define.ts';

export interface ServerOptions {
  host: Host;
  db: Database;
  log: Log;
  tokenKey: KeyObject;
  port: number;
  address: string;
  ratePerMinute: number;
  corsOrigins: readonly string[];
  trustProxy: string | number | false;
  checkReplies: boolean;
}

/** A listening server; `stop` lets requests finish for up to 25 s. */
export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/** How long requests under way may take once we are told to stop, in milliseconds. */
const drainTime = 25_000;

/** Serves a booted host over HTTP. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, db, log, tokenKey, ratePerMinute, corsOrigins, trustProxy, checkReplies } = options;
  let stopping = false;
  let document: object | undefined;
  const app = createApp({
    log,
    routes: host.registry.routes,
    authenticate: createAuthenticate(tokenKey, () => host.extensions(principalSources)),
    permissions: createPermissions(host.registry.permissions),
    transact: host.transact,
    readBody: createReadBody(),
    checkReplies,
    rateLimited: ratePerMinute > 0,
    ratePerMinute,
    corsOrigins,
    trustProxy,
    health: createHealth(
      () => ({ database: async () => void (await db.query('SELECT 1')), ...host.healthChecks() }),
      () => stopping,
    ),
    docs: createDocs(() => {
      document ??= openApiOf(host.registry.routes, kernelVersion);
      return document;
    }),
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 }, app);
  answerUnreadable(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async stop() {
      stopping = true;
      const closed = new Promise((resolve) => server.close(resolve));
      // Kept-alive connections would hold the server open for ever; those under way finish first.
      const sweep = setInterval(() => server.closeIdleConnections(), 100);
      const impatient = setTimeout(() => server.closeAllConnections(), drainTime);
      server.closeIdleConnections();
      await closed;
      clearInterval(sweep);
      clearTimeout(impatient);
    },
  };
}

/** Bytes that are not HTTP, or headers too large, never reach Express; they get a problem too. */
function answerUnreadable(server: Server): void {
  server.on('clientError', (fault: NodeJS.ErrnoException, socket) => {
    if (fault.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const [status, code, title] =
      fault.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'headers-too-large', 'The request headers are too large']
        : fault.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? ['408 Request Timeout', 'timeout', 'The request took too long to arrive']
          : ['400 Bad Request', 'not-parseable', 'The request could not be parsed'];
    const body = JSON.stringify({ type: `urn:cadastre:error:${code}`, title, status: Number.parseInt(status, 10), detail: title });
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    return undefined;
  });
}
