import { z } from 'zod';
import type { Permissions } from '../auth/permissions.ts';
import type { Transact } from '../db/transaction.ts';
import { bulkMode, itemRouteOf } from './bulk.ts';
import { gathered, openFields } from './open-filters.ts';
import { type Checked, HandledRequest, type Occasion } from './request.ts';
import type { Route } from './route.ts';
import { unstorable } from './storable.ts';
import { Faults } from './validate.ts';

/** What running a route takes, whatever door the request came through. */
export interface RunParts {
  permissions: Permissions;
  transact: Transact;
  /** Check our own replies against the route's schema: on in tests, off in production, where it would only cost. */
  checkReplies: boolean;
}

/** The parts of a request as they came, before anybody has looked at them. */
export interface Raw {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body: unknown;
  /** Whether a NUL may be among them, which PostgreSQL cannot store. */
  hasNul: boolean;
}

/** What came of a request. */
export interface Outcome {
  status: number;
  /** Undefined where the answer has no body (204). */
  reply: unknown;
  dryRun: boolean;
}

/** Checks what came, and runs the route's handler on it, or on each item of a list; throws what is wrong. */
export type Run = (on: Occasion, raw: Raw) => Promise<Outcome>;

/** The schema of a query or body where nothing is expected. */
const nothing = z.strictObject({});
const dryRunFlag = z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] }).optional();
/** The methods that have a body. */
export const hasBody: ReadonlySet<string> = new Set(['post', 'put', 'patch']);

/** What a route takes in its query, with the flags of the conventions, so that whoever mistypes one is told of it. */
export function querySchemaOf(route: Route): z.ZodObject {
  return (route.query ?? nothing).extend({
    ...(route.dryRun ? { dryRun: dryRunFlag } : {}),
    ...(itemRouteOf(route) ? { mode: bulkMode.optional() } : {}),
  });
}

/** Notes what cannot be stored, and takes the flag `dryRun` out of the query. */
export function withoutFlags(
  route: Route,
  raw: Raw,
  faults: Faults,
): { dryRun: boolean; query: Record<string, unknown> } {
  if (raw.hasNul) faults.errors.push(...unstorable(raw.query, 'query'), ...unstorable(raw.params, 'path'));
  if (!route.dryRun || !('dryRun' in raw.query)) return { dryRun: false, query: raw.query };
  const { dryRun, ...query } = raw.query;
  return { dryRun: faults.check('query.dryRun', dryRunFlag, dryRun) ?? false, query };
}

/** Makes the call of a route's handler, which in tests checks that it answers what it should. */
export function createHandle(
  route: Route,
  parts: RunParts,
): (on: Occasion, checked: Checked) => Promise<unknown> {
  const handler = route.handler as unknown as (request: HandledRequest) => Promise<unknown>;
  return async (on, checked) => {
    const reply = await handler(new HandledRequest(on, parts, checked));
    // A reply of chosen `fields` lacks the others, as asked for.
    const chosen = (checked.query as { fields?: unknown }).fields;
    if (!route.returns || !parts.checkReplies || chosen !== undefined) return reply;
    const check = (value: unknown) => route.returns?.parse(JSON.parse(JSON.stringify(value)));
    if (route.streams) return checkedEvents(reply as AsyncIterable<unknown>, check);
    check(reply);
    return reply;
  };
}

async function* checkedEvents(events: AsyncIterable<unknown>, check: (event: unknown) => unknown) {
  for await (const event of events) {
    if (event !== undefined) check(event);
    yield event;
  }
}

/** The way into a route for a single body. */
export function createRunOne(route: Route, parts: RunParts): Run {
  const bodySchema = hasBody.has(route.method) ? (route.body ?? nothing) : undefined;
  const querySchema = querySchemaOf(route);
  const takesLists = itemRouteOf(route) !== undefined;
  const open = openFields(querySchema);
  const handle = createHandle(route, parts);

  return async (on, raw) => {
    const faults = new Faults();
    const flagged = withoutFlags(route, raw, faults);
    let query = open.reduce(gathered, flagged.query);
    if (takesLists && 'mode' in query) {
      const { mode: _, ...others } = query;
      query = others;
      const message = 'It says how a list is taken, and the body is no list: leave it out, or send an array.';
      faults.errors.push({ path: 'query.mode', code: 'not-a-list', message });
    }
    const checked = {
      params: route.params && faults.check('path', route.params, raw.params),
      query: faults.check('query', querySchema, query),
      body: bodySchema && faults.check('body', bodySchema, raw.body === undefined ? {} : raw.body),
      dryRun: flagged.dryRun,
    };
    const problem = faults.problem();
    if (problem) throw problem;
    const reply = await handle(on, checked);
    const { dryRun } = checked;
    if (!route.returns) return { status: 204, reply: undefined, dryRun };
    return { status: wouldBe(route.status, checked), reply, dryRun };
  };
}

/** The status of a success: a dry run creates nothing. */
export function wouldBe(status: number, { dryRun }: { dryRun: boolean }): number {
  return dryRun && status === 201 ? 200 : status;
}
