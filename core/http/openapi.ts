import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { ProblemKind } from '../errors/problem.ts';
import { bulkMode, itemRouteOf, mostItems } from './bulk.ts';
import type { Route } from './route.ts';

const problemSchema = z
  .looseObject({
    type: z.string().meta({ example: 'urn:cadastre:error:invalid' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457; `type` is stable, `errors` lists every field that failed.',
  });

/** Whether a route changes or deletes one record, which `If-Match` may name the version of. */
function changesOne({ method, params, each }: Route): boolean {
  return (method === 'patch' || method === 'delete') && params !== undefined && each === undefined;
}

/** The problems that the conventions promise on a route of this shape, besides its own. */
function conventional(route: Route): ProblemKind[] {
  const { notParseable, notAuthenticated, forbidden, invalid, tooManyRequests, unavailable } = kernelErrors;
  const kinds = [notParseable, invalid, tooManyRequests, unavailable];
  if (route.permission !== 'public') kinds.push(notAuthenticated, forbidden);
  if (route.params || route.each) kinds.push(kernelErrors.notFound);
  if (route.each || changesOne(route)) kinds.push(kernelErrors.versionMismatch);
  if (route.idempotency !== 'none') kinds.push(kernelErrors.idempotencyKeyReused);
  if (route.method !== 'get') kinds.push(kernelErrors.tooLarge, kernelErrors.unsupportedMediaType);
  return kinds;
}

function problemResponses(route: Route): Record<string, object> {
  const byStatus = new Map<number, ProblemKind[]>();
  for (const kind of [...conventional(route), ...route.throws]) {
    const same = byStatus.get(kind.status) ?? [];
    if (!same.some(({ code }) => code === kind.code)) byStatus.set(kind.status, [...same, kind]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => [
      String(status),
      {
        description: kinds.map(({ code, title }) => `\`${code}\`: ${title}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

const modeParameter = z.object({
  mode: bulkMode.optional().meta({
    description:
      'How a list is taken. `atomic`, which is the default: all of it or nothing; a refusal has the status of its first fault and ' +
      'lists all in `refused`. `partial`: whatever is good.',
  }),
});
const problemItem = z.object({
  index: z.int(),
  status: z.int(),
  problem: z.looseObject({ type: z.string() }),
});

/** The answers of a route that takes lists, for the list `atomic` and `partial`. */
function listResponses(item: z.ZodType, alone: z.ZodType | undefined) {
  const items = z.object({ items: z.array(item) });
  const result = z.object({ index: z.int(), status: z.int(), item });
  const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
  return {
    success: json(alone ? z.union([alone, items]) : items),
    partial: {
      description: 'One result for each item of a list that is `partial`, in the order of the list.',
      content: json(z.object({ results: z.array(z.union([result, problemItem])) })),
    },
  };
}

const keyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .meta({
      description:
        'Makes it safe to send the request again: for a day it is answered as the first time, with `Idempotency-Replayed: true`.',
    }),
});
const matchHeader = z.object({
  'If-Match': z
    .string()
    .optional()
    .meta({
      description:
        'The `ETag` that was read, such as `"3"`: refused with 412 where the record has changed since. Without it, the last write wins.',
      override: { type: 'string' },
    }),
});
const dryRunParameter = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Run every check, answer the would-be result, change nothing.' }),
});

function headerOf(route: Route): { header?: z.ZodObject } {
  if (route.idempotency !== 'none') return { header: keyHeader };
  return changesOne(route) ? { header: matchHeader } : {};
}

/** What a route takes in its query, with the flags of the conventions. */
function queryOf(route: Route): z.ZodObject | undefined {
  const flags = {
    ...(itemRouteOf(route) ? modeParameter.shape : {}),
    ...(route.dryRun ? dryRunParameter.shape : {}),
  };
  return Object.keys(flags).length > 0 ? (route.query ?? z.object({})).extend(flags) : route.query;
}

function bodyOf(route: Route, body: z.ZodType) {
  const { example } = route;
  const takesBoth = itemRouteOf(route) === route;
  const list = z.array(body).min(1).max(mostItems);
  return {
    required: !body.safeParse({}).success,
    content: {
      'application/json': {
        schema: takesBoth ? z.union([body, list]) : body,
        ...(example === undefined ? {} : { example }),
      },
    },
  };
}

/** Of each schema the one of its records with chosen fields alone: the same each time, so that the document has it once. */
const chosenOf = new WeakMap<z.ZodType, z.ZodType>();

/** What a record, or each record of a page, is where `fields` names some of its fields. */
function withChosenFields(schema: z.ZodType): z.ZodType {
  const known = chosenOf.get(schema);
  if (known) return known;
  if (!(schema instanceof z.ZodObject)) return schema;
  const { items } = schema.shape as { items?: z.ZodType };
  const { id } = schema.meta() ?? {};
  const some =
    items instanceof z.ZodArray
      ? schema.extend({ items: z.array(withChosenFields(items.element as z.ZodType)) })
      : schema
          .partial()
          .meta({ ...(id ? { id: `${id}Fields` } : {}), description: 'With `fields`: those alone.' });
  chosenOf.set(schema, some);
  return some;
}

/** What a route answers with: where it takes `fields`, whole records or those fields. */
function replyOf({ returns, query }: Route): z.ZodType | undefined {
  return returns && query && 'fields' in query.shape
    ? z.union([returns, withChosenFields(returns)])
    : returns;
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const query = queryOf(route);
  const item = itemRouteOf(route);
  const lists = item?.returns && listResponses(item.returns, route.each ? undefined : item.returns);
  const reply = replyOf(route);
  const success =
    reply === undefined
      ? { description: 'Done; no body.' }
      : {
          description: route.summary,
          content: lists?.success ?? {
            [route.streams ? 'text/event-stream' : 'application/json']: { schema: reply },
          },
        };
  const withDryRun =
    route.dryRun && route.status === 201 ? { 200: { ...success, description: 'The dry run.' } } : {};
  return {
    operationId: `${route.method}${route.path.replaceAll(/[{}]/g, '').replaceAll(/[/-](\w)/g, (_, c) => c.toUpperCase())}`,
    summary: route.summary,
    description: [route.description, `Permission: \`${route.permission}\`.`].filter(Boolean).join('\n\n'),
    ...(route.tag ? { tags: [route.tag] } : {}),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(query ? { query } : {}),
      ...headerOf(route),
    },
    ...(route.body ? { requestBody: bodyOf(route, route.body) } : {}),
    responses: {
      [route.status]: success,
      ...withDryRun,
      ...(lists ? { 207: lists.partial } : {}),
      ...problemResponses(route),
    },
    security: route.permission === 'public' ? [] : [{ bearer: [] }],
  };
}

/** The OpenAPI 3.1 document of all routes, made from the same schemas that validate them. */
export function openApiOf(routes: readonly Route[], version: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Cadastre',
      version,
      description:
        'The land register of a network. Sign in with `POST /auth/login`, then send `Authorization: Bearer <accessToken>`.\n\n' +
        'Lists take filters (`field`, `field__ne`, `__gt`, `__gte`, `__lt`, `__lte`, `__contains`, `__empty`, as each has them; ' +
        'repeated, any of the values), `sort`, `fields`, `limit` and `cursor`. What is refused is answered as RFC 9457 says, ' +
        'every fault at once.',
    },
    servers: [{ url: '/api/v1' }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths,
  });
  for (const operation of Object.values(document.paths ?? {}).flatMap((methods) => Object.values(methods))) {
    for (const parameter of (operation as { parameters?: Documented[] }).parameters ?? []) {
      // Readers show the description of a parameter, and not that of its schema, where it is all of optional ones.
      const description = parameter.description ?? parameter.schema?.description;
      if (description !== undefined) parameter.description = description;
    }
  }
  return document;
}

interface Documented {
  description?: string;
  schema?: { description?: string };
}
