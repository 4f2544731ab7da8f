import { FormGroup } from '@adminjs/design-system';
import { type BasePropertyProps, PropertyLabel, useTranslation } from 'adminjs';
import React, { type ReactNode } from 'react';

/** What ties an input to its label, its hint and what was wrong with it. */
export interface FieldInput {
  id: string;
  name: string;
  disabled: boolean;
  required: boolean;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

interface FieldProps {
  field: BasePropertyProps;
  hint?: string;
  children(input: FieldInput): ReactNode;
}

/** The text in a field: what the record says, else what the field begins with. */
export function textIn({ property, record }: BasePropertyProps): string {
  return String(record?.params[property.path] ?? property.props.value ?? '');
}

/** A field of a form: label, input, hint, and what was wrong with what was typed. */
export function Field({ field, hint, children }: FieldProps) {
  const { property, record } = field;
  const { translateMessage } = useTranslation();
  const id = property.path;
  const message = record?.errors?.[property.path]?.message;
  const told = [...(message ? [`${id}-fault`] : []), ...(hint ? [`${id}-hint`] : [])];
  return (
    <FormGroup className="cad-field" error={message !== undefined}>
      <PropertyLabel property={property} />
      {children({
        id,
        name: id,
        disabled: property.isDisabled,
        required: property.isRequired,
        'aria-invalid': message !== undefined,
        'aria-describedby': told.join(' ') || undefined,
      })}
      {message !== undefined && (
        <p id={`${id}-fault`} className="cad-fault">
          {translateMessage(message, property.resourceId)}
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
