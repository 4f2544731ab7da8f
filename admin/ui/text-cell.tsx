import React from 'react';
import { cellOf, Titled } from './cell.tsx';

/** Any other column: in a list the one that names the record leads to it, and a long text ends in dots. */
export default cellOf((value, { inList, to }) => {
  const text = String(value);
  if (!inList) return <span className="cad-text">{text}</span>;
  return (
    <Titled to={to}>
      <span className="cad-clip" title={text}>
        {text}
      </span>
    </Titled>
  );
});
