import React from 'react';
import type { CardContent } from '#core';
import { countText } from './card-table.tsx';
import { listPath, Titled } from './cell.tsx';

type Figures = Extract<CardContent, { kind: 'figures' }>;

/** Big numbers side by side, each with what it counts; one with a link leads to the list. */
export function CardFigures({ figures }: Pick<Figures, 'figures'>) {
  return (
    <dl className="cad-figures">
      {figures.map(({ label, value, link }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Titled to={link && listPath(link.model, link.filter)}>{countText(value)}</Titled>
          </dd>
        </div>
      ))}
    </dl>
  );
}
