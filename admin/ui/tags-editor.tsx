import { Input } from '@adminjs/design-system';
import type { EditPropertyProps } from 'adminjs';
import React from 'react';
import { Field, textIn } from './field.tsx';

/** The field of labels, as text with commas between them. */
const TagsEditor: React.FC<EditPropertyProps> = (props) => (
  <Field field={props} hint="Labels with commas between them: dmz, core, site-3">
    {(input) => (
      <Input
        {...input}
        value={textIn(props)}
        onChange={(event: React.ChangeEvent<HTMLInputElement>) =>
          props.onChange(props.property.path, event.target.value)
        }
      />
    )}
  </Field>
);

export default TagsEditor;
