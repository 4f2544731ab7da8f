import type { ResourceView } from './view.ts';

/** A list of records that refer to the record of a page, by a column that the list is filtered by. */
export interface Related {
  readonly resource: string;
  readonly column: string;
  /** Whether the name of the resource alone says how they are related. */
  readonly isPlain: boolean;
}

/** The property of a record's page that leads to such lists; no column is called so. */
export const relatedProperty = '$related';

/** Which lists hold what refers to records of a view, in the order of the registry. */
export function relatedTo(view: ResourceView, all: readonly ResourceView[]): Related[] {
  return all.flatMap((other) => {
    const columns = [...other.columns.values()].filter(
      ({ name, references }) => references === view.tableName && other.filter.includes(name),
    );
    const isPlain = other !== view && columns.length === 1;
    return columns.map(({ name }) => ({ resource: other.name, column: name, isPlain }));
  });
}
