import { idParams, route } from '#core';
import { customFieldErrors } from './errors.ts';
import { fieldList } from './listing.ts';
import { fieldPatch, fieldSchema, newField, removal } from './schemas.ts';
import type { CustomFieldService } from './service.ts';

const { customFieldTaken, customFieldInUse } = customFieldErrors;

/** /custom-fields: what the records of each model may say beyond their columns. */
export function customFieldRoutes(fields: CustomFieldService) {
  const common = { tag: 'Custom fields', permission: 'customfields:read' } as const;
  const writing = { ...common, permission: 'customfields:write', dryRun: true } as const;
  return [
    route({
      ...common,
      method: 'get',
      path: '/custom-fields',
      summary: 'List custom fields',
      query: fieldList.query,
      returns: fieldList.page,
      handler: ({ query }) => fields.list(query),
    }),
    route({
      ...writing,
      method: 'post',
      path: '/custom-fields',
      summary: 'Define a custom field',
      description:
        'From then on the records of the model have values of it in `customFields`, and their lists filter by `customFields.<name>`.',
      body: newField,
      example: { model: 'subnet', name: 'costCentre', type: 'text', pattern: '^CC-[0-9]{4}$' },
      returns: fieldSchema,
      status: 201,
      bulk: true,
      throws: [customFieldTaken, customFieldInUse],
      handler: ({ body, write }) => write((tx) => fields.create(tx, body)),
    }),
    route({
      ...common,
      method: 'get',
      path: '/custom-fields/{id}',
      summary: 'Show a custom field',
      params: idParams,
      returns: fieldSchema,
      handler: ({ params }) => fields.get(params.id),
    }),
    route({
      ...writing,
      method: 'patch',
      path: '/custom-fields/{id}',
      summary: 'Change a custom field',
      description:
        'A new name is given to the values in all records. Values that are there already stay, also where a rule has become stricter; an option that records have chosen stays, and so does the type while there are values.',
      params: idParams,
      body: fieldPatch,
      example: { required: true },
      returns: fieldSchema,
      bulk: true,
      throws: [customFieldTaken, customFieldInUse],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => fields.update(tx, params.id, body, ifMatch)),
    }),
    route({
      ...writing,
      method: 'delete',
      path: '/custom-fields/{id}',
      summary: 'Delete a custom field',
      params: idParams,
      query: removal,
      throws: [customFieldInUse],
      handler: ({ params, query, write, ifMatch }) =>
        write((tx) => fields.remove(tx, params.id, { values: query.cascade === 'values' }, ifMatch)),
    }),
  ] as const;
}
