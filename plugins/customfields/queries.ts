import { named } from '#core';
import { fieldColumns } from './listing.ts';

const columns = Object.entries(fieldColumns)
  .map(([field, sql]) => `${sql} AS "${field}"`)
  .join(', ');

/** Where the fields of a body are kept. */
export const assigned = {
  model: 'model',
  name: 'name',
  label: 'label',
  description: 'description',
  type: 'type',
  required: 'required',
  default: 'default_value',
  pattern: 'pattern',
  options: 'options',
  minimum: 'minimum',
  maximum: 'maximum',
};

export const fieldById = named('custom_field_by_id', `SELECT ${columns} FROM custom_field f WHERE f.id = $1`);
export const lockField = named(
  'custom_field_lock',
  `SELECT ${columns} FROM custom_field f WHERE f.id = $1 FOR UPDATE`,
);
export const insertField = named(
  'custom_field_insert',
  `INSERT INTO custom_field (${Object.values(assigned).join(', ')})
     VALUES ($1, $2, $3, $4, $5, coalesce($6, false), $7, $8, $9, $10, $11) RETURNING id`,
);
export const deleteField = named('custom_field_delete', 'DELETE FROM custom_field WHERE id = $1');

/** The fields of a table's records, as a form asks for them. */
export const formFieldsOf = named(
  'custom_fields_in_form',
  `SELECT name, label, description AS hint, type, required, default_value AS initial, coalesce(options, '{}') AS options
     FROM custom_field WHERE of_table = $1 ORDER BY id`,
);

/** Takes a field's values out of all records. */
export const stripValues = named(
  'custom_field_strip',
  'SELECT move_custom_values(f, NULL) FROM custom_field f WHERE f.id = $1',
);
