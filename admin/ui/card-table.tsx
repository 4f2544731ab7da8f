import React, { type ReactNode } from 'react';
import type { CardContent } from '#core';
import { Nothing, recordPath, Titled } from './cell.tsx';
import { Moment } from './moment.tsx';
import { Network } from './network.tsx';
import { StatusChip } from './status.tsx';
import { UsageBar } from './usage.tsx';

type Table = Extract<CardContent, { kind: 'table' }>;
type Kind = NonNullable<Table['columns'][number]['as']>;

const count = new Intl.NumberFormat();
const vast = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A count; from a quadrillion on, as those of IPv6 are, in powers of ten: nobody reads twenty digits. */
export function countText(value: number | string): string {
  const exponent = String(value).length - 1;
  if (exponent < 15) return count.format(Number(value));
  return `${vast.format(Number(value) / 10 ** exponent)} × 10^${exponent}`;
}

const isCount = (value: string | number) => typeof value === 'number' || /^\d{16,}$/.test(value);

/** One value as a cell of its kind. */
export function drawn(
  value: string | number | null | undefined,
  kind: Kind,
  label: string,
  to: string | undefined,
  detail: 'brief' | 'usual' = 'brief',
): ReactNode {
  if (value === null || value === undefined || value === '') return <Nothing />;
  switch (kind) {
    case 'network':
      return <Network value={String(value)} to={to} inList />;
    case 'usage':
      return <UsageBar percent={Number(value)} label={label} />;
    case 'status':
      return <StatusChip status={String(value)} />;
    case 'time':
      return <Moment at={String(value)} detail={detail} />;
    default:
      return (
        <Titled to={to}>
          {isCount(value) ? <span title={String(value)}>{countText(value)}</span> : value}
        </Titled>
      );
  }
}

/** The lines of a card; the first column leads to the record, and where there are no lines, the card says what to do. */
export function CardTable({ title, table }: { title: string; table: Table }) {
  const { columns, rows, empty } = table;
  if (rows.length === 0) return <p>{empty}</p>;
  const counted = new Set(
    columns
      .filter(({ key, as }) => as === undefined && rows.some(({ cells }) => isCount(cells[key] ?? '')))
      .map(({ key }) => key),
  );
  const side = (key: string) => (counted.has(key) ? 'cad-number' : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="cad-scroll" aria-label={title} tabIndex={0}>
      <table className="cad-table">
        <thead>
          <tr>
            {columns.map(({ key, label }) => (
              <th key={key} scope="col" className={side(key)}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ link, cells }) => {
            const to = link && recordPath(link.model, link.id);
            return (
              <tr key={[to, ...Object.values(cells)].join()}>
                {columns.map(({ key, label, as = 'text' }, nth) => (
                  <td key={key} className={side(key)}>
                    {drawn(cells[key], as, label, nth === 0 ? to : undefined)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
