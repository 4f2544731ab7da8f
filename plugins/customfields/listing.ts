import { booleanFilters, choiceFilters, listing, stampListing, textFilters } from '#core';
import { fieldSchema, fieldTypes } from './schemas.ts';

const stamped = stampListing('f');

export const fieldColumns = {
  id: 'f.id',
  model: 'f.model',
  name: 'f.name',
  label: 'f.label',
  description: 'f.description',
  type: 'f.type',
  required: 'f.required',
  default: 'f.default_value',
  pattern: 'f.pattern',
  options: 'f.options',
  minimum: 'f.minimum::float8',
  maximum: 'f.maximum::float8',
  ...stamped.fields,
};

/** GET /custom-fields. */
export const fieldList = listing({
  item: fieldSchema,
  fields: fieldColumns,
  from: 'custom_field f',
  table: 'custom_field',
  idSql: 'f.id',
  sorts: {
    ...stamped.sorts,
    name: { sql: 'f.name', type: 'text' },
    model: { sql: 'f.model', type: 'text' },
  },
  defaultSort: 'name',
  filters: {
    ...stamped.filters,
    ...textFilters('model', 'f.model'),
    ...textFilters('name', 'f.name'),
    ...textFilters('label', 'f.label'),
    ...textFilters('description', 'f.description'),
    ...choiceFilters('type', 'f.type', fieldTypes),
    ...booleanFilters('required', 'f.required'),
  },
});
