import { z } from 'zod';
import { definePlugin, route } from '#core';

/** A route that does nothing: what is left is the kernel's frame. */
export function emptyRoute(permission: 'signed-in' | 'public', withBody = true) {
  return route({
    method: 'post',
    path: '/bench/empty',
    summary: 'Do nothing',
    permission,
    body: withBody
      ? z.strictObject({ name: z.string().max(100).optional(), count: z.int().min(1).optional() })
      : undefined,
    returns: z.object({ done: z.boolean() }),
    handler: async () => ({ done: true }),
  });
}

/** Puts the empty route into the product itself: `PLUGINS=./bench/empty.ts`. */
export default definePlugin({
  name: 'bench-empty',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Serves a route that does nothing, for benchmarks.',
  setup: () => undefined,
  routes: () => [emptyRoute('signed-in')],
});
