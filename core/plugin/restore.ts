import type { Tx } from '../db/transaction.ts';
import { extensionPoint } from './extension.ts';

/** One record whose columns are to hold again what they held: its id, and the values by the names of the columns in the table. */
export interface Restored {
  readonly id: number;
  readonly before: Readonly<Record<string, unknown>>;
}

/**
 * Puts columns back that no plain UPDATE may write, because other records go along with them: whoever takes back a change has it done
 * before anything else. Where it refuses, the others are tried first.
 */
export interface Restorer {
  /** The table of the records. */
  readonly table: string;
  /** Its columns, as the table names them. */
  readonly columns: readonly string[];
  /** All records of one change in which any of the columns is to be put back. */
  restore(tx: Tx, records: readonly Restored[]): Promise<void>;
}

/** Filled by plugins for the tables of their own. */
export const restorers = extensionPoint<Restorer>('change.restorers');
