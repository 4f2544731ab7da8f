import type { ComparedLine, PanelKernel, Principal, RecordFact, ShownFacts } from '#core';
import { recordFacts } from '#core';
import type { Row } from './reading.ts';
import type { ResourceView } from './view.ts';

// What a record carries to its page beside its columns, as JSON in parameters that no column is called like.

/** What each button of a record would do, or why it would not. */
export type ActionStates = Readonly<Record<string, { says?: string; off?: string }>>;

/** What is known of a record beside its columns, under one title. */
export interface FactGroup {
  title: string;
  facts: readonly RecordFact[];
}

/** The parameters that `JSON.parse` makes these of. */
export interface Extras {
  $actions?: ActionStates;
  $facts?: readonly FactGroup[];
  $lines?: readonly ComparedLine[];
}

/** What is known of some records beside their columns, by the id as text: for a page all, for a list what stands in lists. */
export async function factsOf(
  kernel: PanelKernel,
  { tableName, id }: ResourceView,
  rows: readonly Row[],
  principal: Principal,
  where: 'list' | 'page',
): Promise<ReadonlyMap<string, readonly FactGroup[]>> {
  const sources = kernel
    .extensions(recordFacts)
    .filter(
      ({ table, permission }) => table === tableName && kernel.permissions.allows(principal, permission),
    )
    .filter(({ inLists = false }) => where === 'page' || inLists);
  const groups = new Map<string, FactGroup[]>();
  if (rows.length === 0) return groups;
  const ids = rows.map((row) => Number(row[id.name]));
  for (const { title, load } of sources) {
    for (const [record, facts] of await load(kernel.db.query, ids)) {
      const key = String(record);
      groups.set(key, [...(groups.get(key) ?? []), { title, facts }]);
    }
  }
  return groups;
}

/** The parameters of one record. */
export function extrasOf(
  { actions, compare }: ResourceView,
  row: Row,
  groups: readonly FactGroup[] = [],
): Record<string, string> {
  const facts: ShownFacts = Object.fromEntries(
    groups.flatMap((group) => group.facts.map(({ label, value }) => [label, value] as const)),
  );
  const states: ActionStates = Object.fromEntries(
    actions.map(({ name, said }) => {
      const [says, off] = [said.says?.(row, facts), said.unless?.(row)];
      return [
        name,
        { ...(says === undefined ? {} : { says }), ...(off === undefined ? {} : { off }) },
      ] as const;
    }),
  );
  const extras: Extras = {
    ...(actions.length > 0 ? { $actions: states } : {}),
    ...(groups.length > 0 ? { $facts: groups } : {}),
    ...(compare?.lines ? { $lines: compare.lines(row) } : {}),
  };
  return Object.fromEntries(Object.entries(extras).map(([name, value]) => [name, JSON.stringify(value)]));
}
