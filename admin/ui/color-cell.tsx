import React from 'react';
import { cellOf } from './cell.tsx';

/** A column with a colour: as it looks, and as it is written. */
export default cellOf((value) => (
  <span className="cad-color">
    <span className="cad-color__swatch" style={{ background: String(value) }} aria-hidden />
    <code>{String(value)}</code>
  </span>
));
