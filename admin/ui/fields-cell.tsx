import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useTranslation } from 'adminjs';
import React from 'react';
import type { FormField } from '#core';
import { Nothing } from './cell.tsx';
import { type FieldValue, fieldLabel, fieldValues, useFormFields } from './form-fields.ts';
import { Network } from './network.tsx';

/** The values of a record's custom fields: each by its label on the record's page, on one line in a list. */
const FieldsCell: React.FC<BasePropertyProps> = (props) => {
  const values = fieldValues(props.record?.params[props.property.path]);
  if (props.where === 'show') return <Values {...props} values={values} />;
  const line = Object.entries(values).map(([name, value]) => `${name}: ${value}`);
  return line.length === 0 ? <Nothing /> : <span className="cad-clip">{line.join(', ')}</span>;
};

type Values = Readonly<Record<string, FieldValue>>;

function Values({ property, resource, values }: BasePropertyProps & { values: Values }) {
  const { translateProperty } = useTranslation();
  const { fields = [] } = useFormFields(resource.id);
  const named = new Map(fields.map((field) => [field.name, field]));
  // In the order of the form; what nobody defined comes last.
  const names = [...new Set([...named.keys(), ...Object.keys(values)])].filter((name) => name in values);
  return (
    <ValueGroup label={translateProperty(property.label, property.resourceId)}>
      {names.length === 0 && <Nothing />}
      <dl className="cad-values">
        {names.map((name) => (
          <div key={name}>
            <dt>{fieldLabel(named.get(name) ?? { name, label: null })}</dt>
            <dd>
              <Value type={named.get(name)?.type} value={values[name] ?? null} />
            </dd>
          </div>
        ))}
      </dl>
    </ValueGroup>
  );
}

function Value({ type, value }: { type: FormField['type'] | undefined; value: FieldValue }) {
  const text = String(value);
  if (typeof value === 'boolean') return <>{value ? 'Yes' : 'No'}</>;
  if (type === 'cidr') return <Network value={text} />;
  if (type !== 'url' || !/^https?:/i.test(text)) return <>{text}</>;
  return (
    <a className="cad-link" href={text} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}

export default FieldsCell;
