import { ValueGroup } from '@adminjs/design-system';
import { type BasePropertyProps, useTranslation } from 'adminjs';
import React from 'react';
import { Nothing } from './cell.tsx';

type Record = { readonly [field: string]: unknown };

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

function Value({ value }: { value: unknown }) {
  if (value === undefined || value === null || value === '') return <Nothing />;
  return <code className="cad-mono">{typeof value === 'string' ? value : JSON.stringify(value)}</code>;
}

/** What a record was and became, field by field, those alone that differ; of one that came or went, all that had a value. */
const CompareCell: React.FC<BasePropertyProps> = ({ property, record }) => {
  const { translateProperty } = useTranslation();
  const beside = String((property.custom as { before?: string }).before);
  const [before, after] = [parsed(record?.params[beside]), parsed(record?.params[property.path])];
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  );
  const label = translateProperty(property.label, property.resourceId);
  return (
    <ValueGroup label={label}>
      {fields.length === 0 ? (
        <Nothing />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="cad-scroll" aria-label={label} tabIndex={0}>
          <table className="cad-table">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              {fields.map((name) => (
                <tr key={name}>
                  <th scope="row">{words(name)}</th>
                  <td>
                    <Value value={before?.[name]} />
                  </td>
                  <td>
                    <Value value={after?.[name]} />
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
