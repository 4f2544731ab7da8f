import type { BasePropertyProps } from 'adminjs';
import React from 'react';
import { drawn } from './card-table.tsx';
import { Nothing } from './cell.tsx';
import { extraOf } from './extras.ts';

/** What is known of a record beside its columns, in a list: the values alone. */
const FactsCell: React.FC<BasePropertyProps> = ({ record }) => {
  const facts = extraOf(record, '$facts')?.flatMap((group) => group.facts) ?? [];
  const known = facts.filter(
    ({ value, where = 'page' }) => where !== 'page' && value !== null && value !== '',
  );
  if (known.length === 0) return <Nothing />;
  return (
    <span className="cad-facts-line">
      {known.map(({ label, value, as = 'text' }) => (
        <span key={label} title={label}>
          {drawn(value, as, label, undefined)}
        </span>
      ))}
    </span>
  );
};

export default FactsCell;
