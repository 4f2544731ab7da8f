import type { RequestHandler, Response } from 'express';
import type { AccessClaims } from '../auth/authenticate.ts';
import type { Permissions } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import type { Database } from '../db/database.ts';
import type { Transact } from '../db/transaction.ts';
import type { Log } from '../log/log.ts';
import type { ExtensionPoint } from '../plugin/extension.ts';
import type { Registry } from '../plugin/registry.ts';
import type { CreateRateLimit } from './limit.ts';
import type { Invoke } from './pipeline.ts';

/** What the kernel gives to a panel: the frozen registry, and the same doors that REST goes through. */
export interface PanelKernel {
  registry: Registry;
  db: Database;
  log: Log;
  permissions: Permissions;
  transact: Transact;
  /** Runs a REST route in the panel's name: same permission, schema, handler and transaction. */
  invoke: Invoke;
  /** Sends the events of a route that streams, until they, the client or the server end. */
  sendEvents(res: Response, events: AsyncIterable<unknown>): Promise<void>;
  extensions<T>(point: ExtensionPoint<T>): readonly T[];
  /** Who a session speaks for now; undefined where that user is gone, inactive or signed out. */
  principalOf(claims: AccessClaims): Promise<Principal | undefined>;
  /** Limits requests per client address. */
  rateLimit: CreateRateLimit;
  /** Makes what shows the queues, to be served below a path to whoever may change jobs; undefined where the queue has no such thing. */
  queueBoard: ((path: string) => RequestHandler) | undefined;
  /** A secret for one purpose, the same in every process of this installation. */
  secretFor(purpose: string): string;
}

/** A panel, served below `path`. */
export interface Panel {
  path: `/${string}`;
  handler: RequestHandler;
  /** Closes what it holds open. */
  stop(): Promise<void>;
}
