import { Input } from '@adminjs/design-system';
import type { EditPropertyProps } from 'adminjs';
import React from 'react';
import { Choices } from './choices.tsx';
import { Field, textIn } from './field.tsx';

/** The field of a text, a number, an address, or one of a few words. */
const TextEditor: React.FC<EditPropertyProps> = (props) => {
  const { property, onChange } = props;
  const change = (value: string) => onChange(property.path, value);
  const choices = property.availableValues;
  return (
    <Field field={props}>
      {(input) =>
        choices ? (
          <Choices
            input={input}
            choices={choices}
            value={textIn(props)}
            none={property.isRequired && textIn(props) !== '' ? undefined : '–'}
            choose={change}
          />
        ) : (
          <Input
            {...input}
            {...property.props}
            value={textIn(props)}
            onChange={(event: React.ChangeEvent<HTMLInputElement>) => change(event.target.value)}
          />
        )
      }
    </Field>
  );
};

export default TextEditor;
