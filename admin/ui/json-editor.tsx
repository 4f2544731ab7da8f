import { TextArea } from '@adminjs/design-system';
import type { EditPropertyProps } from 'adminjs';
import React from 'react';
import { Field, textIn } from './field.tsx';

const [fewest, most] = [4, 18];

/** The field of JSON: text that is parsed when it is saved; what is none is refused with the place where it ends to be. */
const JsonEditor: React.FC<EditPropertyProps> = (props) => {
  const text = textIn(props);
  const rows = Math.min(most, Math.max(fewest, text.split('\n').length + 1));
  return (
    <Field field={props} hint={`JSON, such as ${props.property.custom.example}`}>
      {(input) => (
        <TextArea
          {...input}
          className="adminjs_TextArea cad-code"
          rows={rows}
          spellCheck={false}
          autoCapitalize="off"
          value={text}
          onChange={(event: React.ChangeEvent<HTMLTextAreaElement>) =>
            props.onChange(props.property.path, event.target.value)
          }
        />
      )}
    </Field>
  );
};

export default JsonEditor;
