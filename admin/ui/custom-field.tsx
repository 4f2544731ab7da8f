import { FormGroup, Input, Label } from '@adminjs/design-system';
import React, { useState } from 'react';
import type { FormField } from '#core';
import { Choices } from './choices.tsx';
import { type FieldValue, fieldLabel } from './form-fields.ts';

interface CustomFieldProps {
  id: string;
  field: FormField;
  value: FieldValue | undefined;
  isRequired: boolean;
  /** What was wrong with the value. */
  message: string | undefined;
  change(value: FieldValue): void;
}

type Change = React.ChangeEvent<HTMLInputElement>;

const hints: Partial<Record<FormField['type'], string>> = {
  url: 'A URL, such as https://wiki.example.net/racks',
  cidr: 'A network, such as 10.0.0.0/24',
};

/** What was typed: a number where one is asked for and it is one; whatever else it is, the register says what is wrong with it. */
function typedIn({ type }: FormField, text: string): FieldValue {
  if (text.trim() === '') return null;
  return type === 'number' && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

/** One custom field of a form: its label, the input that its type asks for, and what was wrong with what was typed. */
export function CustomField({ id, field, value, isRequired, message, change }: CustomFieldProps) {
  // `4.0` on the way to `4.05` is 4, and would be shown so.
  const [draft, setDraft] = useState<string>();
  const { type, options } = field;
  const hint = field.hint ?? hints[type];
  const told = [...(message ? [`${id}-fault`] : []), ...(hint ? [`${id}-hint`] : [])];
  const input = {
    id,
    name: id,
    required: isRequired,
    'aria-invalid': message !== undefined,
    'aria-describedby': told.join(' ') || undefined,
  };
  const text = draft ?? String(value ?? '');
  const write = (typed: string) => {
    setDraft(typed);
    change(typedIn(field, typed));
  };
  return (
    <FormGroup className="cad-field" error={message !== undefined}>
      <Label htmlFor={id} required={isRequired}>
        {fieldLabel(field)}
      </Label>
      {type === 'boolean' && (
        <input
          {...input}
          className="cad-check"
          type="checkbox"
          required={false}
          checked={value === true}
          onChange={(event) => change(event.target.checked)}
        />
      )}
      {type === 'select' && (
        <Choices
          input={input}
          choices={options.map((value) => ({ value }))}
          isVerbatim
          value={text}
          none={isRequired && text !== '' ? undefined : '–'}
          choose={write}
        />
      )}
      {type !== 'boolean' && type !== 'select' && (
        <Input
          {...input}
          type={type === 'date' ? 'date' : 'text'}
          inputMode={type === 'number' ? 'decimal' : undefined}
          value={text}
          onChange={(event: Change) => write(event.target.value)}
        />
      )}
      {message !== undefined && (
        <p id={`${id}-fault`} className="cad-fault">
          {message}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="cad-hint">
          {hint}
        </p>
      )}
    </FormGroup>
  );
}
