import type { RegisteredModel, TableRule } from '#core';

/** Whether the records of a model have custom fields: its table has a column for their values. */
export function hasCustomFields({ definition }: RegisteredModel): boolean {
  return 'customFields' in definition.columns;
}

/**
 * Keeps the check of values on the table of each model that has custom fields. It runs for rows that have values; that of rows which
 * have none, and should, is put up by the database while a field of the model asks for it.
 */
export const customFieldRule: TableRule = (model, { schema }) => {
  if (!hasCustomFields(model)) return [];
  const runs = { call: `"${schema}".check_custom_fields('${model.definition.entity}')` };
  return [
    {
      name: 'custom_fields_given',
      moment: 'BEFORE INSERT',
      each: `FOR EACH ROW WHEN (NEW.custom_fields <> '{}')`,
      runs,
    },
    {
      name: 'custom_fields_updated',
      moment: 'BEFORE UPDATE OF custom_fields',
      each: 'FOR EACH ROW WHEN (OLD.custom_fields IS DISTINCT FROM NEW.custom_fields)',
      runs,
    },
  ];
};
