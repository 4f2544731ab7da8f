import type { z } from 'zod';
import type { ProblemKind } from '../errors/problem.ts';
import { type BulkLock, type Route, route } from '../http/route.ts';
import { idParams } from '../http/schemas.ts';
import type { Fields } from './field.ts';
import type { RecordService } from './service.ts';
import type { NewOf, PatchOf } from './shapes.ts';

/** What a plugin says otherwise of a route that a resource makes. */
interface Change {
  readonly summary?: string;
  readonly description?: string;
  readonly example?: unknown;
  /** Further problems that it answers with. */
  readonly throws?: readonly ProblemKind[];
  /** False where it takes no lists; see `bulk` of a route for the locks of all items. */
  readonly bulk?: boolean | BulkLock<never, never>;
  readonly handler?: never;
}

/** The routes of a resource by what they do; `false` leaves one out, for a plugin that writes it by hand. */
export interface Overrides {
  readonly list?: Change | false;
  readonly create?: Change | false;
  readonly show?: Change | false;
  readonly change?: Change | false;
  readonly remove?: Change | false;
}

interface Parts<Read extends string, Write extends string> {
  path: `/${string}`;
  tag: string;
  nouns: readonly [string, string];
  permissions: { readonly read: Read; readonly write: Write };
  schema: z.ZodObject;
  newBody: z.ZodObject;
  patchBody: z.ZodObject;
  example: unknown;
  taken: readonly ProblemKind[];
  inUse: readonly ProblemKind[];
}

const withArticle = (noun: string) => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;

/** The five routes of a resource, of which POST and PATCH take lists, too. */
export function routesOf<F extends Fields, Read extends string, Write extends string>(
  parts: Parts<Read, Write>,
  service: RecordService<F>,
  overrides: Overrides,
): Route<Read | Write>[] {
  const { path, tag, permissions, nouns, taken, inUse } = parts;
  const one = withArticle(nouns[0]);
  const schema = parts.schema as z.ZodType<Record<string, unknown>, Record<string, unknown>>;
  const { query, page, recordQuery, record } = service.listing as unknown as Record<
    'query' | 'page' | 'recordQuery' | 'record',
    z.ZodObject
  >;
  const written = { tag, permission: permissions.write, dryRun: true } as const;
  const item = `${path}/{id}` as const;
  /** A route with what the plugin says otherwise. */
  const made = (change: Change | false | undefined, make: (change: Change) => Route<Read | Write>) =>
    change === false ? [] : [make(change ?? {})];
  const throwing = (kinds: readonly ProblemKind[], { throws = [] }: Change) => [...kinds, ...throws];

  return [
    ...made(overrides.list, (change) =>
      route({
        method: 'get',
        path,
        tag,
        summary: `List ${nouns[1]}`,
        permission: permissions.read,
        ...change,
        query,
        returns: page,
        handler: ({ query }) => service.list(query as Record<string, unknown>) as never,
      }),
    ),
    ...made(overrides.create, (change) =>
      route({
        ...written,
        method: 'post',
        path,
        summary: `Create ${one}`,
        example: parts.example,
        bulk: true,
        ...change,
        body: parts.newBody,
        returns: schema,
        status: 201,
        throws: throwing(taken, change),
        handler: ({ body, write }) => write((tx) => service.create(tx, body as NewOf<F>)) as never,
      }),
    ),
    ...made(overrides.show, (change) =>
      route({
        method: 'get',
        path: item,
        tag,
        summary: `Show ${one}`,
        permission: permissions.read,
        ...change,
        params: idParams,
        query: recordQuery,
        returns: record,
        handler: ({ params, query }) => service.show(params.id, query as Record<string, unknown>) as never,
      }),
    ),
    ...made(overrides.change, (change) =>
      route({
        ...written,
        method: 'patch',
        path: item,
        summary: `Change ${one}`,
        example: { description: 'What it is for' },
        bulk: true,
        ...change,
        params: idParams,
        body: parts.patchBody,
        returns: schema,
        throws: throwing(taken, change),
        handler: ({ params, body, write, ifMatch }) =>
          write((tx) => service.update(tx, params.id, body as PatchOf<F>, ifMatch)) as never,
      }),
    ),
    ...made(overrides.remove, ({ bulk: _, ...change }) =>
      route({
        ...written,
        method: 'delete',
        path: item,
        summary: `Delete ${one}`,
        ...change,
        params: idParams,
        throws: throwing(inUse, change),
        handler: ({ params, write, ifMatch }) => write((tx) => service.remove(tx, params.id, ifMatch)),
      }),
    ),
  ];
}
