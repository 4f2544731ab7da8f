import React from 'react';
import { cellOf, Titled } from './cell.tsx';
import { StatusChip } from './status.tsx';

/** A column with a closed list of words. */
export default cellOf((value, { to }) => (
  <Titled to={to}>
    <StatusChip status={String(value)} />
  </Titled>
));
