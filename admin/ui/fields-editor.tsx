import { type EditPropertyProps, useTranslation } from 'adminjs';
import React from 'react';
import { CustomField } from './custom-field.tsx';
import { type FieldValue, fieldValues, useFormFields } from './form-fields.ts';

/** The custom fields of a record, as they are defined now, each with an input of its own. Nothing where there are none. */
const FieldsEditor: React.FC<EditPropertyProps> = ({ property, record, resource, onChange }) => {
  const { translateProperty } = useTranslation();
  const { fields = [], fault } = useFormFields(resource.id);
  const { path } = property;
  const values = fieldValues(record?.params[path]);
  const isNew = !record?.id;
  const change = (name: string, value: FieldValue) =>
    onChange(path, JSON.stringify({ ...values, [name]: value }));
  const messageOf = (name: string) => record?.errors?.[`${path}.${name}`]?.message;
  const known = new Set(fields.map(({ name }) => `${path}.${name}`));
  // Of a field that was deleted while the form was open.
  const others = Object.entries(record?.errors ?? {}).filter(
    ([at]) => at === path || (at.startsWith(`${path}.`) && !known.has(at)),
  );
  if (fields.length === 0 && fault === undefined && others.length === 0) return null;
  return (
    <fieldset className="cad-fieldset">
      <legend>{translateProperty(property.label, property.resourceId)}</legend>
      {fields.map((field) => (
        <CustomField
          key={field.name}
          id={`${path}.${field.name}`}
          field={field}
          value={field.name in values ? values[field.name] : isNew ? field.initial : undefined}
          isRequired={field.required && (isNew || values[field.name] !== undefined)}
          message={messageOf(field.name)}
          change={(value) => change(field.name, value)}
        />
      ))}
      {[...others.map(([at, { message }]) => `${at}: ${message}`), ...(fault ? [fault] : [])].map((text) => (
        <p key={text} className="cad-fault">
          {text}
        </p>
      ))}
    </fieldset>
  );
};

export default FieldsEditor;
