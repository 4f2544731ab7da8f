import { z } from 'zod';
import { type Route, route } from '../http/route.ts';
import type { PluginStatus } from './registry.ts';

const pluginStatus = z
  .object({
    name: z.string(),
    version: z.string(),
    state: z.enum(['running', 'incompatible', 'failed', 'degraded']),
    why: z.string().nullable(),
    summary: z.string(),
    builtIn: z.boolean(),
  })
  .meta({ id: 'Plugin' });

/** The kernel's own route: which plugins run, and why not where they do not. */
export function pluginRoutes(statuses: () => Promise<PluginStatus[]>): Route[] {
  return [
    route({
      method: 'get',
      path: '/plugins',
      tag: 'System',
      summary: 'List the plugins and their states',
      permission: 'signed-in',
      returns: z.object({ items: z.array(pluginStatus), nextCursor: z.null(), total: z.int() }),
      handler: async () => {
        const items = await statuses();
        return { items, nextCursor: null, total: items.length };
      },
    }),
  ];
}
