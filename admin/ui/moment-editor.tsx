import { Input } from '@adminjs/design-system';
import type { EditPropertyProps } from 'adminjs';
import React from 'react';
import { Field, textIn } from './field.tsx';
import { isoOf, localOf } from './local-time.tsx';

/** The field of a day or of a moment, in the viewer's zone; the browser's own, which follows the scheme and the keyboard. */
const MomentEditor: React.FC<EditPropertyProps> = (props) => {
  const { property, onChange } = props;
  const text = textIn(props);
  const daily = property.type === 'date';
  return (
    <Field field={props} {...(daily ? {} : { hint: 'In your own time zone' })}>
      {(input) => (
        <Input
          {...input}
          type={daily ? 'date' : 'datetime-local'}
          value={daily ? text.slice(0, 10) : localOf(text)}
          onChange={(event: React.ChangeEvent<HTMLInputElement>) =>
            onChange(property.path, daily ? event.target.value : isoOf(event.target.value))
          }
        />
      )}
    </Field>
  );
};

export default MomentEditor;
