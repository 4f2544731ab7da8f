import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Log } from '../log/log.ts';
import { leastTls, readCertificate, type TlsFiles, watchCertificate } from './tls.ts';
import { answerUnreadable } from './unreadable.ts';

/** How long, in milliseconds, clients may take. */
export interface Patience {
  /** For the headers of a request, and for a new connection to send any. */
  headers: number;
  /** For the whole of a request, its body included. */
  request: number;
  /** How often those who are late are looked for. */
  look: number;
}

const usualPatience: Patience = { headers: 15_000, request: 30_000, look: 2_000 };

export interface ListenOptions {
  port: number;
  address: string;
  /** Serves HTTPS with this certificate; without it, plain HTTP. */
  tls?: TlsFiles | undefined;
  patience?: Patience | undefined;
  headers: ReadonlyArray<readonly [string, string]>;
  log: Log;
}

/** A server that takes connections. */
export interface Listener {
  server: Server;
  url: string;
  /** Reads the certificate's files again. */
  renewCertificate(): void;
  /** Stops looking at the certificate's files. */
  stop(): void;
}

/** Listens for HTTP or HTTPS; throws where the address is taken or the certificate is not right. */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listener> {
  const { tls, log, headers, patience = usualPatience } = options;
  const limits = {
    requestTimeout: patience.request,
    headersTimeout: patience.headers,
    connectionsCheckingInterval: patience.look,
    keepAliveTimeout: 65_000,
    // Node's own answer to a request without one would be no problem document.
    requireHostHeader: false,
  };
  const { server, watch } = tls ? secure(app, tls, limits, log) : plain(app, limits);
  answerUnreadable(server, headers, log);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;
  return {
    server,
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    renewCertificate: () => watch?.renew(),
    stop: () => watch?.stop(),
  };
}

function plain(app: RequestListener, limits: object) {
  return { server: createServer(limits, app), watch: undefined };
}

function secure(app: RequestListener, files: TlsFiles, limits: object, log: Log) {
  const { cert, key, validTo } = readCertificate(files);
  if (validTo < new Date()) log.warn({ validTo }, 'the certificate has expired: clients will refuse it');
  const server = createTlsServer({ ...limits, cert, key, minVersion: leastTls }, app);
  return { server, watch: watchCertificate(server, files, log) };
}
