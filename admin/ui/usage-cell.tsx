import React from 'react';
import { cellOf } from './cell.tsx';
import { UsageBar } from './usage.tsx';

/** A column with percentages from 0 to 100. */
export default cellOf((value) => <UsageBar percent={Number(value)} />);
