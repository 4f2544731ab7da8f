import type { EditPropertyProps } from 'adminjs';
import React from 'react';

interface ReferenceEditorProps extends EditPropertyProps {
  OriginalComponent: React.ComponentType<EditPropertyProps>;
}

/** AdminJS's field for a reference, tied to its label, and with a name for its parts by which the sheet finds them. */
const ReferenceEditor: React.FC<ReferenceEditorProps> = ({ OriginalComponent, ...props }) => {
  const { property } = props;
  const labelled = { ...property.props, inputId: property.path, classNamePrefix: 'select' };
  return <OriginalComponent {...props} property={{ ...property, props: labelled }} />;
};

export default ReferenceEditor;
