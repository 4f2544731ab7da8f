import type { EditPropertyProps } from 'adminjs';
import React from 'react';
import { Field, textIn } from './field.tsx';

/** The field of a colour: the browser's own palette, and the colour as it is written. */
const ColorEditor: React.FC<EditPropertyProps> = (props) => (
  <Field field={props}>
    {(input) => (
      <span className="cad-color">
        <input
          {...input}
          type="color"
          value={textIn(props)}
          onChange={(event) => props.onChange(props.property.path, event.target.value)}
        />
        <code aria-hidden>{textIn(props)}</code>
      </span>
    )}
  </Field>
);

export default ColorEditor;
