import React from 'react';
import { cellOf } from './cell.tsx';
import { Tags } from './tags.tsx';

/** A column with labels, which arrive as `a, b`, and their colours with the record as JSON. */
export default cellOf((value, _place, { $colors }) => {
  const tags = String(value)
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  return <Tags tags={tags} colors={typeof $colors === 'string' ? JSON.parse($colors) : {}} />;
});
