import { labelColors, type PanelKernel } from '#core';
import type { Row } from './reading.ts';
import type { ResourceView } from './view.ts';

/** The parameter of a record that carries the colours of its labels to the page, as JSON; no column is called so. */
const colorsParameter = '$colors';

/** The colours of the labels in some rows, label → `#rrggbb`; asked for all rows at once. */
export async function colorsIn(
  kernel: PanelKernel,
  { columns }: ResourceView,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, string>> {
  const sources = kernel.extensions(labelColors);
  const labels = sources.length === 0 ? [] : [...new Set(rows.flatMap((row) => labelsOf(columns, row)))];
  if (labels.length === 0) return new Map();
  const known = await Promise.all(sources.map((colorsOf) => colorsOf(labels)));
  return new Map(known.flatMap((colors) => [...colors]));
}

/** Those of a row's own labels as a parameter of its record; none where no label has a colour. */
export function colorsParameterOf(
  { columns }: ResourceView,
  row: Row,
  colors: ReadonlyMap<string, string>,
): Row {
  const own = labelsOf(columns, row).flatMap((label) => {
    const color = colors.get(label);
    return color === undefined ? [] : [[label, color] as const];
  });
  return own.length === 0 ? {} : { [colorsParameter]: JSON.stringify(Object.fromEntries(own)) };
}

function labelsOf(columns: ResourceView['columns'], row: Row): string[] {
  return [...columns.values()].flatMap(({ name, kind }) =>
    kind === 'labels' && Array.isArray(row[name]) ? (row[name] as string[]) : [],
  );
}
