import React from 'react';
import { cellOf } from './cell.tsx';
import { Network } from './network.tsx';

/** A column with addresses, blocks or MACs. */
export default cellOf((value, { inList, to }) => <Network value={String(value)} to={to} inList={inList} />);
