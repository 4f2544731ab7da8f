import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useTranslation } from 'adminjs';
import React from 'react';
import type { CardContent } from '#core';
import { drawn } from './card-table.tsx';
import { Nothing } from './cell.tsx';

type Column = Extract<CardContent, { kind: 'table' }>['columns'][number];

/** What `observed.mac` leads to; a list is told with commas. */
function valueAt(row: unknown, key: string): string | number | null {
  const value = key
    .split('.')
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | null | undefined)?.[part], row);
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function rowsIn(value: unknown): unknown[] {
  const rows: unknown = typeof value === 'string' ? JSON.parse(value) : [];
  return Array.isArray(rows) ? rows : [];
}

/** A column with a list of objects, a line for each. */
const TableCell: React.FC<BasePropertyProps> = ({ property, record }) => {
  const { translateProperty } = useTranslation();
  const columns = property.custom.columns as readonly Column[];
  const rows = rowsIn(record?.params[property.path]);
  const label = translateProperty(property.label, property.resourceId);
  return (
    <ValueGroup label={label}>
      {rows.length === 0 ? (
        <Nothing />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="cad-scroll" aria-label={label} tabIndex={0}>
          <table className="cad-table">
            <thead>
              <tr>
                {columns.map(({ key, label: head }) => (
                  <th key={key} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, nth) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the lines have nothing else, and never move
                <tr key={nth}>
                  {columns.map(({ key, label: head, as = 'text' }) => (
                    <td key={key}>{drawn(valueAt(row, key), as, head, undefined, 'usual')}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </ValueGroup>
  );
};

export default TableCell;
