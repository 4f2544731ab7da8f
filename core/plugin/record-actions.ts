import { extensionPoint } from './extension.ts';

/** A record as the panel has read it: wire values by the names of the columns that its view names. */
export type ShownRow = Readonly<Record<string, unknown>>;

/** What is known of a record beside its columns (`recordFacts`), by the labels. */
export type ShownFacts = Readonly<Record<string, string | number | null>>;

/** A button on a record's page: it calls a route, for whoever may call that. */
export type RecordAction = {
  readonly label: string;
  /** One of Feather's. */
  readonly icon: string;
  /** What the body always has; left out, only what a person fills in. */
  body?(record: ShownRow): Readonly<Record<string, unknown>>;
  /** Fields of the route's body that a person may fill in before, in this order; how they are asked for, its schema says. */
  readonly fields?: readonly string[];
  /** What it will do to this record, in a sentence or two: told beside the button, and before it does. */
  says?(record: ShownRow, facts: ShownFacts): string;
  /** Why it cannot be done with the record as it is; undefined: it can. */
  unless?(record: ShownRow): string | undefined;
  /** Also for several records of a list at once, all or none; what it does then, in a sentence. */
  readonly several?: string;
  /** The model of what the route answers, whose page is shown then. */
  readonly leadsTo?: string;
  /** What is said when it is done. */
  readonly done: string;
} & (
  | { /** A POST with or without `{id}`. */ readonly post: `/${string}`; readonly delete?: never }
  | {
      /** A DELETE; where records would be deleted by it, it stands in that button's place. */ readonly delete: `/${string}`;
      readonly post?: never;
    }
);

/** A button that a plugin puts on the pages of another's records. */
export interface ForeignAction {
  readonly table: string;
  readonly name: string;
  readonly action: RecordAction;
}

/** Filled by plugins; a name is taken once for each table. */
export const recordActions = extensionPoint<ForeignAction>('panel.actions', ({ table, name }, others) => {
  if (others.some((other) => other.table === table && other.name === name))
    throw new Error(`The records of ${table} have an action ${name} already.`);
});
