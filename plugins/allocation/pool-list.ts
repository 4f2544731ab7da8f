import { z } from 'zod';
import { commonListing, type Filter, integerFilters, listing, textFilters } from '#core';
import { poolSchema } from './pool-schemas.ts';

const common = commonListing('p');

/** Of pools that hold a subnet, any of several. */
const member: Filter = {
  schema: z.union([idText(), z.array(idText()).max(100)]),
  condition: (values, bindings) => `p.members && ${bindings.bind(values, 'bigint[]')}`,
};

function idText() {
  return z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'An id is a positive integer')
    .meta({ description: 'Id of a subnet.' });
}

export const poolFields = {
  id: 'p.id',
  name: 'p.name',
  members: 'p.members',
  strategy: 'p.strategy',
  defaultPrefixLength: 'p.default_prefix_length',
  ...common.fields,
};

/** GET /pools. */
export const poolList = listing({
  item: poolSchema,
  fields: poolFields,
  from: 'pool p',
  table: 'pool',
  idSql: 'p.id',
  sorts: { ...common.sorts, name: { sql: 'p.name', type: 'text' } },
  defaultSort: 'name',
  filters: {
    ...common.filters,
    ...textFilters('name', 'p.name'),
    ...textFilters('strategy', 'p.strategy'),
    ...integerFilters('defaultPrefixLength', 'p.default_prefix_length'),
    member,
  },
});
