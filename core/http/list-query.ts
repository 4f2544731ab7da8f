import { z } from 'zod';
import type { Filter } from './filters.ts';
import { type OpenFilters, openSchema } from './open-filters.ts';
import type { SortColumn } from './ordering.ts';
import { querySchema } from './query/compile.ts';
import { queryInteger } from './schemas.ts';
import { nearNames } from './validate.ts';

interface Asked {
  item: z.ZodObject;
  sorts: Record<string, SortColumn>;
  filters: Record<string, Filter>;
  q?: { network?: string };
  open?: readonly OpenFilters[];
  includes?: Record<string, unknown>;
}

/** The largest page a client may ask for. */
const mostPerPage = 1000;
const paging = {
  limit: queryInteger(1, mostPerPage).optional().meta({ description: 'Items per page; 50 unless told.' }),
  cursor: z.string().max(2000).optional().meta({ description: '`nextCursor` of the page before.' }),
  count: z.enum(['none', 'estimate', 'exact']).optional().meta({
    description: '`total` is null unless asked for; an estimate is free, an exact count reads every match.',
  }),
};

/** The query of a list route: paging, sorting, fields, includes, filters and `q`. */
export function listQuery({ sorts, filters, q, open = [], ...asked }: Asked): z.ZodObject {
  const sortNames = Object.keys(sorts).flatMap((name) => [name, `-${name}`]);
  return z.strictObject({
    ...paging,
    sort: z
      .string()
      .refine((name) => sortNames.includes(name), {
        error: ({ input }) => unknownChoice(String(input), sortNames),
      })
      .optional()
      .meta({ description: `One of ${Object.keys(sorts).join(', ')}; with - in front, descending.` }),
    ...recordQuery(asked).shape,
    ...(q
      ? { q: querySchema({ filters, network: q.network, open: open.map(({ field }) => field) }).optional() }
      : {}),
    ...Object.fromEntries(Object.entries(filters).map(([name, filter]) => [name, filter.schema.optional()])),
    ...Object.fromEntries(open.map((each) => [each.field, openSchema(each)])),
  });
}

/** The query of a route that shows one record. */
export function recordQuery({ item, includes = {} }: Pick<Asked, 'item' | 'includes'>): z.ZodObject {
  const names = Object.keys(includes);
  const fields = namesOf(Object.keys(item.shape)).meta({
    description: `Only these, separated by commas: ${Object.keys(item.shape).join(', ')}.`,
  });
  const include = namesOf(names).meta({
    description: `What to embed, separated by commas: ${names.join(', ')}.`,
  });
  return z.strictObject({
    fields: fields.optional(),
    ...(names.length > 0 ? { include: include.optional() } : {}),
  });
}

/** Known names, separated by commas; each once. */
function namesOf(known: readonly string[]) {
  return z
    .string()
    .transform((text) => [...new Set(text.split(','))])
    .superRefine((names, ctx) => {
      for (const name of names) {
        if (!known.includes(name)) ctx.addIssue({ code: 'custom', message: unknownChoice(name, known) });
      }
    });
}

function unknownChoice(given: string, known: readonly string[]): string {
  const near = nearNames(given, known);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : `it takes ${known.filter((n) => !n.startsWith('-')).join(', ')}.`;
  return `"${given}" is not possible here; ${hint}`;
}
