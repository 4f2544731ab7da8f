import React from 'react';
import { cellOf } from './cell.tsx';
import { Tags } from './tags.tsx';

/** A column with labels, which arrive as `a, b`. */
export default cellOf((value) => {
  const tags = String(value)
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  return <Tags tags={tags} />;
});
