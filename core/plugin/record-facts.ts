import type { RunQuery } from '../db/database.ts';
import type { CellKind } from './dashboard.ts';
import { extensionPoint } from './extension.ts';

/** One thing that is known of a record; without a value it is told as a dash. */
export interface RecordFact {
  readonly label: string;
  readonly value: string | number | null;
  readonly as?: CellKind;
  /** Where it is told; on the record's page alone, unless said. */
  readonly where?: 'page' | 'list' | 'both';
}

/** What a plugin knows of a table's records beside their columns. */
export interface RecordFacts {
  readonly table: string;
  /** What stands above the facts. */
  readonly title: string;
  /** Who may see them. */
  readonly permission: string;
  /** Whether lists have a column of those that stand in lists. */
  readonly inLists?: boolean;
  /** Asked once for a page of records; a record that it does not answer for has none. */
  load(query: RunQuery, ids: readonly number[]): Promise<ReadonlyMap<number, readonly RecordFact[]>>;
}

/** Filled by plugins that know something of records, their own or others'; the panel shows it on the records' pages. */
export const recordFacts = extensionPoint<RecordFacts>('panel.facts');
