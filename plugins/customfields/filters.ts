import { z } from 'zod';
import {
  booleanFilters,
  choiceFilters,
  dayFilters,
  exactNetworkFilters,
  type Filter,
  named,
  networkFilters,
  numberFilters,
  type OpenFilters,
  textFilters,
} from '#core';
import type { fieldTypes } from './schemas.ts';

interface Field {
  name: string;
  type: (typeof fieldTypes)[number];
  options: [string, ...string[]];
}

const fieldsOfTable = named(
  'custom_fields_of_table',
  'SELECT name, type, options FROM custom_field WHERE of_table = $1 ORDER BY name',
);

const network = z.union([z.cidrv4(), z.cidrv6()]);
const addressOrNetwork = z.union([z.ipv4(), z.ipv6(), network]);

/** How a value is bound, so that it is the JSON that the field keeps; text is as it is. */
const casts: Partial<Record<Field['type'], (placeholder: string) => string>> = {
  number: (placeholder) => `${placeholder}::numeric`,
  boolean: (placeholder) => `${placeholder}::boolean`,
  // Host bits are forgiven: who asks for 10.0.0.1/8 means the /8.
  cidr: (placeholder) => `network(${placeholder}::inet)::text`,
};

/** Equality by the index of all values, which has entries for those records alone that have any. */
function equal({ name, type }: Field, column: string, { schema }: Filter): Filter {
  const cast = casts[type] ?? ((placeholder) => `${placeholder}::text`);
  return {
    schema,
    condition(values, bindings) {
      const any = values.map(
        (value) => `${column} @> jsonb_build_object('${name}', ${cast(bindings.bind(value))})`,
      );
      return `(${column} <> '{}' AND (${any.join(' OR ')}))`;
    },
  };
}

/** The filters that values of a type have, but for the index. */
function byType({ name, type, options }: Field, text: string): Record<string, Filter> {
  const common = textFilters(name, text);
  const [same, other, none] = [name, `${name}__ne`, `${name}__empty`];
  switch (type) {
    case 'number':
      return numberFilters(name, `(${text})::numeric`);
    case 'date':
      return dayFilters(name, `(${text})::date`);
    case 'boolean':
      return { ...booleanFilters(name, `(${text})::boolean`), [none]: common[none] as Filter };
    case 'select':
      return choiceFilters(name, text, options);
    case 'cidr': {
      const cidr = `(${text})::cidr`;
      const about = networkFilters(cidr, network, addressOrNetwork);
      const exact = exactNetworkFilters(name, cidr, addressOrNetwork, 'cidr');
      return {
        [same]: exact[same] as Filter,
        [other]: exact[other] as Filter,
        [`${name}__within`]: about.within as Filter,
        [`${name}__withinInclude`]: about.withinInclude as Filter,
        [`${name}__contains`]: about.contains as Filter,
        [none]: exact[none] as Filter,
      };
    }
    default:
      return common;
  }
}

/** `customFields.<name>` on every list of records that have custom fields, as those are defined at the time of the request. */
export const customFieldFilters: OpenFilters = {
  field: 'customFields',
  description:
    'By custom fields: `customFields.owner=bob`, with `__ne`, `__empty` and what else their type can be compared by (`__contains`, `__gt`, `__gte`, `__lt`, `__lte`, `__within`).',
  async load(query, { table, column }) {
    const fields = await query<Field>(fieldsOfTable, [table]);
    return new Map(
      fields.flatMap((field) => {
        // A name is an identifier, so that it may stand in SQL.
        const filters = byType(field, `(${column} ->> '${field.name}')`);
        const own = filters[field.name] as Filter;
        return Object.entries({ ...filters, [field.name]: equal(field, column, own) });
      }),
    );
  },
};
