import { z } from 'zod';
import { idParams, route } from '#core';
import { tagErrors } from './errors.ts';
import { tagResource } from './model.ts';
import type { TagsApi } from './service.ts';

const removal = z.strictObject({
  cascade: z
    .enum(['untag'])
    .optional()
    .meta({ description: 'untag: take it off every record that carries it.' }),
});

/** /tags. */
export function tagRoutes({ tags, remove }: TagsApi) {
  return [
    ...tagResource.routes(tags, {
      create: { description: 'Records that carry a label of this name already carry the tag from then on.' },
      change: {
        description: 'A new name is given to every record that carries the tag, too.',
        example: { name: 'perimeter', color: '#1d5fa8' },
      },
      remove: false,
    }),
    route({
      method: 'delete',
      path: '/tags/{id}',
      tag: 'Tags',
      summary: 'Delete a tag',
      description:
        'Refused while records carry it, counting them, unless the query says that it is taken off them.',
      permission: 'tags:write',
      dryRun: true,
      params: idParams,
      query: removal,
      throws: [tagErrors.tagInUse],
      handler: ({ params, query, write, ifMatch }) =>
        write((tx) => remove(tx, params.id, query.cascade, ifMatch)),
    }),
  ];
}
