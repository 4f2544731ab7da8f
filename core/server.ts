import { createHmac, type KeyObject } from 'node:crypto';
import {
  createAuthenticate,
  createPrincipalOf,
  grantSources,
  principalSources,
} from './auth/authenticate.ts';
import { createPermissions } from './auth/permissions.ts';
import { tokenSources } from './auth/token-source.ts';
import { secretOf } from './auth/tokens.ts';
import type { Database } from './db/database.ts';
import { createApp } from './http/app.ts';
import { createReadBody } from './http/body.ts';
import { createDocs } from './http/docs.ts';
import { sendEvents } from './http/events.ts';
import { createHealth } from './http/health.ts';
import { openRateLimits } from './http/limit.ts';
import { listen, type Patience } from './http/listen.ts';
import { openApiOf } from './http/openapi.ts';
import type { Panel, PanelKernel } from './http/panel.ts';
import { createInvoke } from './http/pipeline.ts';
import type { Route } from './http/route.ts';
import { securityHeaders } from './http/security.ts';
import type { TlsFiles } from './http/tls.ts';
import type { JobQueue } from './jobs/queue.ts';
import type { Log } from './log/log.ts';
import { createMetrics } from './metrics/metrics.ts';
import { kernelVersion } from './plugin/define.ts';
import type { Host } from './plugin/host.ts';

export interface ServerOptions {
  host: Host;
  db: Database;
  log: Log;
  tokenKey: KeyObject;
  /** What is served below /api/v1. */
  routes: readonly Route[];
  port: number;
  address: string;
  ratePerMinute: number;
  /** Redis in which all processes count together for the rate limits; without it, each counts by itself. */
  redisUrl?: string | undefined;
  corsOrigins: readonly string[];
  trustProxy: string | number | false;
  /** The value of X-XSS-Protection; 0 unless told. */
  xssProtection?: string | undefined;
  /** Serves HTTPS; without it, plain HTTP. */
  tls?: TlsFiles | undefined;
  /** How long clients may take. */
  patience?: Patience | undefined;
  checkReplies: boolean;
  /** What a scraper of /metrics sends as its bearer token; without it, anybody may read. */
  metricsToken?: string | undefined;
  /** The queue that readiness tells of, and whether this process is of no use without it. */
  queue?: { check: JobQueue['check']; needed: boolean } | undefined;
  /** Shows the queue in the panel. */
  queueBoard?: PanelKernel['queueBoard'];
  /** Makes the panel that is served beside the API. */
  panel?: (kernel: PanelKernel) => Panel;
}

/** A listening server; `stop` lets requests finish for up to 25 s. */
export interface RunningServer {
  url: string;
  /** Reads the certificate's files again, where it serves HTTPS. */
  renewCertificate(): void;
  stop(): Promise<void>;
}

/** How long requests under way may take once we are told to stop, in milliseconds. */
const drainTime = 25_000;

/** Serves a booted host over HTTP. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, db, log, tokenKey, ratePerMinute, corsOrigins, trustProxy, checkReplies } = options;
  const headers = securityHeaders(options.xssProtection);
  const closing = new AbortController();
  let stopping = false;
  let document: object | undefined;
  const permissions = createPermissions(host.registry.permissions);
  const secret = secretOf(tokenKey);
  const secretFor = (purpose: string) => createHmac('sha256', secret).update(purpose).digest('base64url');
  const limits = await openRateLimits({ redisUrl: options.redisUrl, log });
  const principalOf = createPrincipalOf(
    () => host.extensions(principalSources),
    () => host.extensions(grantSources),
  );
  const panel = options.panel?.({
    registry: host.registry,
    db,
    log,
    permissions,
    transact: host.transact,
    invoke: createInvoke({ transact: host.transact, permissions, checkReplies }),
    sendEvents: (res, events) => sendEvents(res, events, closing.signal),
    extensions: host.extensions,
    principalOf,
    rateLimit: limits.create,
    queueBoard: options.queueBoard,
    secretFor,
  });
  const queue = options.queue;
  const app = createApp({
    log,
    routes: options.routes,
    authenticate: createAuthenticate(tokenKey, principalOf, () => host.extensions(tokenSources)),
    permissions,
    transact: host.transact,
    secretFor,
    closing: closing.signal,
    readBody: createReadBody(),
    checkReplies,
    rateLimit: ratePerMinute > 0 ? limits.create : () => undefined,
    ratePerMinute,
    corsOrigins,
    headers,
    trustProxy,
    panel,
    health: createHealth(
      () => ({
        database: async () => void (await db.query('SELECT 1')),
        ...(queue?.needed ? { queue: queue.check } : {}),
        ...host.healthChecks(),
      }),
      () => (queue && !queue.needed ? { queue: queue.check } : {}),
      () => stopping,
    ),
    metrics: createMetrics({
      log,
      metrics: host.registry.metrics,
      statuses: host.statuses,
      token: options.metricsToken,
    }),
    docs: createDocs(() => {
      document ??= openApiOf(options.routes, kernelVersion);
      return document;
    }),
  });
  const { port, address, tls, patience } = options;
  const listener = await listen(app, { port, address, tls, patience, headers, log });
  const { server } = listener;
  return {
    url: listener.url,
    renewCertificate: listener.renewCertificate,
    async stop() {
      stopping = true;
      closing.abort();
      listener.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      // Kept-alive connections would hold the server open for ever; those under way finish first.
      const sweep = setInterval(() => server.closeIdleConnections(), 100);
      const impatient = setTimeout(() => server.closeAllConnections(), drainTime);
      server.closeIdleConnections();
      await closed;
      await panel?.stop();
      limits.stop();
      clearInterval(sweep);
      clearTimeout(impatient);
    },
  };
}
