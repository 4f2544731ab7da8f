import type { z } from 'zod';
import type { Caller } from '../auth/caller.ts';
import type { Principal } from '../auth/principal.ts';
import type { Tx } from '../db/transaction.ts';
import type { ProblemKind } from '../errors/problem.ts';
import type { IdempotencyKey } from './request.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler gets: everything validated, typed by the route's own schemas. */
export interface RouteRequest<Params, Query, Body> {
  readonly params: Parsed<Params>;
  readonly query: Parsed<Query>;
  readonly body: Parsed<Body>;
  readonly caller: Caller;
  /** Throws 401 on a public route: it asks nobody who they are. */
  readonly principal: Principal;
  readonly dryRun: boolean;
  /** One transaction in the caller's name; with `?dryRun=true` it is rolled back at the end. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Throws 412 with the current representation unless `If-Match` is absent or names its version. */
  ifMatch(current: { version: number }): void;
  /** Throws 403 unless the caller has one more permission, for what only some may do on this route. */
  demand(permission: string): void;
  /** The same once it is known in the transaction only; from then on that is confined to where the caller may do all of it. */
  demandIn(tx: Tx, ...permissions: string[]): Promise<void>;
  /** Whether the caller has one more permission, everywhere or on a branch, for an answer that tells each what they may see. */
  allows(permission: string): boolean;
  setHeader(name: string, value: string): void;
  /** Has the answer, though made, wait for something, such as the disk; where that fails, so does the request. */
  answerAfter(done: Promise<unknown>): void;
  /** The client's key, on a route whose `idempotency` is `own`; undefined elsewhere, in dry runs, and where none was sent. */
  readonly idempotency: IdempotencyKey | undefined;
  /** Tells the client, on such a route, that it is answered as an earlier request was, which made this change. */
  replayed(changeId: string): void;
}

/**
 * For handlers that lock more than their own record: takes the locks of all items of a list before the first is handled, in the one
 * order that everybody keeps to, so that two lists do not wait for each other in a circle.
 */
export interface BulkLock<Params, Body> {
  lock(
    tx: Tx,
    items: readonly { readonly params: Parsed<Params>; readonly body: Parsed<Body> }[],
  ): Promise<unknown>;
}

/** A route as a plugin writes it; the same schemas validate, type the handler and are the OpenAPI. */
export interface RouteDefinition<
  Permission extends string,
  Params extends z.ZodObject | undefined,
  Query extends z.ZodObject | undefined,
  Body extends z.ZodType | undefined,
  Returns extends z.ZodType | undefined,
> {
  method: Method;
  /** Below /api/v1, with `{id}` for parameters. */
  path: `/${string}`;
  summary: string;
  description?: string;
  tag?: string;
  /** `public` must be said; `signed-in` is any user, whatever the role. */
  permission: Permission;
  params?: Params;
  query?: Query;
  body?: Body;
  /** The example body shown in the API docs. */
  example?: unknown;
  /** Absent: 204, no body. */
  returns?: Returns;
  /** 200, or 204 without `returns`. */
  status?: 200 | 201 | 202;
  /** The problems beyond the conventions' own that this route answers with. */
  throws?: readonly ProblemKind[];
  /** Takes `?dryRun=true`. */
  dryRun?: boolean;
  /**
   * Takes lists too, `?mode=atomic` or `partial`: a POST an array of what it takes, and beside the PATCH of `/racks/{id}` there is
   * a PATCH of `/racks` that takes an array of `{ id, version?, ... }`. Each item goes through this handler, in its `write`.
   */
  bulk?: boolean | BulkLock<Params, Body>;
  /**
   * What becomes of an `Idempotency-Key`. Left out: a POST with one runs in one transaction, which keeps the answer for a day.
   * `none`: keys are not looked at, as on any public route. `own`: the handler keeps them, by `request.idempotency`.
   */
  idempotency?: 'none' | 'own';
  /** Stricter limit than the global one: requests per minute and client address. */
  ratePerMinute?: number;
  /** Served also to who must change the password before anything else: the change itself, and who one is. */
  beforePasswordChange?: boolean;
  handler(
    request: RouteRequest<Params, Query, Body>,
  ): Returns extends z.ZodType ? Promise<z.input<Returns>> : Promise<void>;
}

/** A route in the registry, its schemas' types forgotten. */
export interface Route<Permission extends string = string> {
  readonly method: Method;
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly tag?: string;
  readonly permission: Permission;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly example?: unknown;
  readonly returns?: z.ZodType;
  readonly status: number;
  readonly throws: readonly ProblemKind[];
  readonly dryRun: boolean;
  readonly bulk: boolean | { lock(tx: Tx, items: readonly never[]): Promise<unknown> };
  /** Who keeps the answers to requests with an `Idempotency-Key`: nobody, the kernel (`kept`), or the handler (`own`). */
  readonly idempotency: 'none' | 'kept' | 'own';
  /** On a route that the kernel made from an item's PATCH, for lists alone: the route that each item goes through. */
  readonly each?: Route;
  readonly ratePerMinute?: number;
  readonly beforePasswordChange?: boolean;
  /** It answers with a stream of events, each as `returns` has it. */
  readonly streams?: boolean;
  readonly handler: (request: never) => Promise<unknown>;
}

/** Declares one route. Body and query objects must be strict, so that an unknown key is told, not dropped. */
export function route<
  const Permission extends string,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Returns extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<Permission, Params, Query, Body, Returns>): Route<Permission> {
  const { method, permission } = definition;
  // Whoever is not known has no keys: another's would tell them another's answer.
  const mayKeep = method === 'post' && permission !== 'public';
  const idempotency = mayKeep ? (definition.idempotency ?? 'kept') : 'none';
  const { status = definition.returns ? 200 : 204, throws = [], dryRun = false, bulk = false } = definition;
  return Object.freeze({
    ...definition,
    status,
    throws,
    dryRun,
    bulk,
    idempotency,
  }) as unknown as Route<Permission>;
}

interface StreamDefinition<
  Permission extends string,
  Params extends z.ZodObject | undefined,
  Query extends z.ZodObject | undefined,
  Event extends z.ZodType,
> extends Pick<
    RouteDefinition<Permission, Params, Query, undefined, Event>,
    'path' | 'summary' | 'description' | 'tag' | 'permission' | 'params' | 'query' | 'throws'
  > {
  /** What each event is. */
  event: Event;
  /**
   * Throws before the first event what the request is refused with. Whoever looks for news and finds none yields undefined, each second
   * or sooner: nothing is sent, and it is ended there (`return`) where the client is gone.
   */
  handler(
    request: RouteRequest<Params, Query, undefined>,
  ): Promise<AsyncIterable<z.input<Event> | undefined>>;
}

/** Declares a GET that goes on telling: its events are sent as they come (`text/event-stream`). */
export function stream<
  const Permission extends string,
  Event extends z.ZodType,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
>({ event, ...definition }: StreamDefinition<Permission, Params, Query, Event>): Route<Permission> {
  const made = route({ ...definition, method: 'get', returns: event, handler: definition.handler as never });
  return Object.freeze({ ...made, streams: true });
}
