import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useTranslation } from 'adminjs';
import React from 'react';
import type { ComparedLine } from '#core';
import { capitalized } from '../words.ts';
import { Nothing } from './cell.tsx';
import { extraOf } from './extras.ts';

type Record = { readonly [field: string]: unknown };
type Line = ComparedLine;

/** What the options of the property say: the column beside it, what stands above the two, and whether the record tells the lines. */
interface Compared {
  before: string;
  heads: readonly [string, string];
  isTold: boolean;
}

/** JSON arrives as text; where there is none, there was no record. */
function parsed(value: unknown): Record | undefined {
  try {
    return typeof value === 'string' ? JSON.parse(value) : undefined;
  } catch {
    return undefined;
  }
}

/** `vrf_id` reads "vrf id". */
const words = (name: string) => name.replaceAll('_', ' ');

function Value({ value }: { value: string | null }) {
  return value === null ? <Nothing /> : <code className="cad-mono">{value}</code>;
}

/** The fields of two objects that differ; of one that came or went, all that had a value. */
function differences(before: Record | undefined, after: Record | undefined): Line[] {
  const text = (value: unknown) => {
    if (value === undefined || value === null || value === '') return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .map((name) => ({
      label: words(name),
      before: text(before?.[name]),
      after: text(after?.[name]),
      differs: false,
    }));
}

/** What a record was and became, or what two sides say of it, line by line; lines that contradict are marked. */
const CompareCell: React.FC<BasePropertyProps> = ({ property, record }) => {
  const { translateProperty } = useTranslation();
  const { before, heads, isTold } = property.custom as Compared;
  const lines = isTold
    ? (extraOf(record, '$lines') ?? [])
    : differences(parsed(record?.params[before]), parsed(record?.params[property.path]));
  const label = isTold
    ? heads.join(' and ').toLowerCase()
    : translateProperty(property.label, property.resourceId);
  return (
    <ValueGroup label={capitalized(label)}>
      {lines.length === 0 ? (
        <Nothing />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="cad-scroll" aria-label={label} tabIndex={0}>
          <table className="cad-table cad-compare">
            <thead>
              <tr>
                <th scope="col">{isTold ? '' : 'Field'}</th>
                {heads.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.label} className={line.differs ? 'cad-compare__differs' : undefined}>
                  <th scope="row">{line.label}</th>
                  <td>
                    <Value value={line.before} />
                  </td>
                  <td>
                    <Value value={line.after} />
                    {line.differs && <span className="cad-chip cad-chip--bad">Differs</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </ValueGroup>
  );
};

export default CompareCell;
