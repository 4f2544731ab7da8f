import { DataTypes } from 'sequelize';
import { z } from 'zod';
import { field, resource, textFilters } from '#core';
import { tagErrors } from './errors.ts';

/** A label as records carry it, but for the comma, which stands between labels where people type them. Digits alone are a name, too. */
const label = z
  .string()
  .trim()
  .pipe(
    z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^,]*$/, 'The name of a tag has no comma'),
  );

const color = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, 'A colour is # and six hexadecimal digits, such as #1d5fa8')
  .toLowerCase();

/** The colour of a tag that is given none: a grey that stands back. */
const calm = '#64748b';

/** What is known of a label: its colour, what it means, and whether it holds for all that lies below a subnet that carries it. */
export const tagResource = resource({
  entity: 'tag',
  table: 'tag',
  path: '/tags',
  tag: 'Tags',
  key: ['name'],
  permissions: { read: 'tags:read', write: 'tags:write' },
  fields: {
    name: field.custom({
      schema: z.string(),
      body: label,
      column: { type: DataTypes.TEXT },
      sortedAs: 'text',
      filters: textFilters,
    }),
    color: field.custom(
      { schema: z.string(), body: color, column: { type: DataTypes.TEXT }, filters: textFilters },
      { default: calm, description: '`#rrggbb`.' },
    ),
    inherited: field.boolean({
      default: false,
      description: 'Whether it holds for all that lies below a subnet that carries it.',
    }),
  },
  defaultSort: 'name',
  example: { name: 'dmz', color: '#b3261e', inherited: true, description: 'Reachable from outside' },
  errors: { taken: tagErrors.tagTaken, inUse: tagErrors.tagInUse },
  search: { title: 'name', text: ['name'], notes: ['description'], tags: true },
  panel: {
    group: 'Inventory',
    icon: 'Tag',
    list: ['name', 'color', 'inherited', 'description'],
    labels: { color: 'Colour' },
    colors: ['color'],
  },
});
