import React from 'react';
import { cellOf, Titled } from './cell.tsx';

/** Any other column in a list: the one that names the record leads to it, and a long text ends in dots. */
export default cellOf((value, { to }) => (
  <Titled to={to}>
    <span className="cad-clip" title={String(value)}>
      {String(value)}
    </span>
  </Titled>
));
