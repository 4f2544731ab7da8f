import { z } from 'zod';
import { route } from './route.ts';

// What must not compile: `tsc` fails where an error that is expected here does not come.

describe('a route', () => {
  const open = { method: 'post', path: '/x/{id}', summary: 'X', permission: 'public' } as const;

  it('has handlers that get what its schemas made, and nothing else', () => {
    route({
      ...open,
      params: z.object({ id: z.string().transform(Number) }),
      query: z.strictObject({ q: z.string().optional() }),
      body: z.strictObject({ n: z.coerce.number() }),
      handler: async ({ params, query, body }) => {
        params.id.toFixed();
        query.q?.toUpperCase();
        body.n.toFixed();
        // @ts-expect-error not in the body
        body.m;
        // @ts-expect-error not in the query
        query.p;
        // @ts-expect-error already a number
        params.id.toUpperCase();
      },
    });
    route({
      ...open,
      handler: async ({ body }) => {
        // @ts-expect-error the route takes no body
        body.n;
      },
    });
  });

  it('answers what its schema says', () => {
    const returns = z.object({ at: z.string(), n: z.number().optional() });
    route({ ...open, returns, handler: async () => ({ at: 'now' }) });
    // @ts-expect-error at is text
    route({ ...open, returns, handler: async () => ({ at: 7 }) });
    // @ts-expect-error at is missing
    route({ ...open, returns, handler: async () => ({ n: 1 }) });
    // @ts-expect-error something must come back
    route({ ...open, returns, handler: async () => undefined });
  });
});
