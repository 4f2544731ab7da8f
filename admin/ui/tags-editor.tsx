import { Input } from '@adminjs/design-system';
import type { EditPropertyProps } from 'adminjs';
import React from 'react';
import { Field, textIn } from './field.tsx';

const hintOf = (path: string) =>
  path === 'tags' ? 'Labels with commas between them: dmz, core, site-3' : 'With commas between them.';

/** The field of labels, or of other short texts, with commas between them. */
const TagsEditor: React.FC<EditPropertyProps> = (props) => (
  <Field field={props} hint={hintOf(props.property.path)}>
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
