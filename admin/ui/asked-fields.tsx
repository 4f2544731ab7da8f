import { FormGroup, Input, Label, TextArea } from '@adminjs/design-system';
import React, { useId } from 'react';
import type { AskedField } from '../resource/asked-field.ts';
import { Choices } from './choices.tsx';

type Values = Readonly<Record<string, string>>;

interface AskedFieldsProps {
  fields: readonly AskedField[];
  values: Values;
  change(values: Values): void;
}

/** What a button asks for before it does what it does; none of it has to be filled in. */
export function AskedFields({ fields, values, change }: AskedFieldsProps) {
  const form = useId();
  return (
    <>
      {fields.map((field) => (
        <Asked
          key={field.name}
          id={`${form}-${field.name}`}
          field={field}
          value={values[field.name] ?? ''}
          change={(value) => change({ ...values, [field.name]: value })}
        />
      ))}
    </>
  );
}

interface AskedProps {
  id: string;
  field: AskedField;
  value: string;
  change(value: string): void;
}

function Asked({ id, field: { name, label, kind, options, hint }, value, change }: AskedProps) {
  const told = hint || (kind === 'list' ? 'With commas between them.' : '');
  const input = { id, name, 'aria-describedby': told === '' ? undefined : `${id}-hint` };
  const typed = (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
    change(event.target.value);
  return (
    <FormGroup className="cad-field">
      <Label htmlFor={id}>{label}</Label>
      {kind === 'choice' && (
        <Choices
          input={input}
          choices={options.map((option) => ({ value: option }))}
          value={value}
          none="As usual"
          choose={change}
        />
      )}
      {kind === 'long' && <TextArea {...input} rows={2} value={value} onChange={typed} />}
      {kind !== 'choice' && kind !== 'long' && <Input {...input} value={value} onChange={typed} />}
      {told !== '' && (
        <p id={`${id}-hint`} className="cad-hint">
          {told}
        </p>
      )}
    </FormGroup>
  );
}
