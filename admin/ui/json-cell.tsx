import React from 'react';
import { cellOf } from './cell.tsx';

/** JSON arrives as text; what is none is shown as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A column with JSON: on one line in a list, indented on the record's page. */
export default cellOf((value, { inList }) => {
  const json = parsed(value);
  if (inList) return <code className="cad-mono cad-clip">{JSON.stringify(json)}</code>;
  return <pre className="cad-json">{JSON.stringify(json, undefined, 2)}</pre>;
});
