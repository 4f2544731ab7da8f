import React from 'react';
import { cellOf, Titled } from './cell.tsx';
import { Moment } from './moment.tsx';

/** A column with moments; a record's own page says them to the second. */
export default cellOf((value, { inList, to }) => (
  <Titled to={to}>
    <Moment at={String(value)} detail={inList ? 'usual' : 'full'} />
  </Titled>
));
