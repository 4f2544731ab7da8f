import React from 'react';
import { Themed } from './theme.tsx';

/** AdminJS's application in the scheme of choice. */
const Application: React.FC<{ OriginalComponent: React.ComponentType }> = ({ OriginalComponent }) => (
  <Themed>
    <OriginalComponent />
  </Themed>
);

export default Application;
