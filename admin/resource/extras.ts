import type { ComparedLine, PanelKernel, Principal, RecordFact, RecordFacts, ShownFacts } from '#core';
import { recordFacts } from '#core';
import type { Row } from './reading.ts';
import type { ResourceView } from './view.ts';
import type { ViewAction } from './view-actions.ts';

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
  for (const source of sources) {
    for (const [record, facts] of await loaded(kernel, source, ids)) {
      const key = String(record);
      groups.set(key, [...(groups.get(key) ?? []), { title: source.title, facts }]);
    }
  }
  return groups;
}

/** What one plugin knows of some records; one that fails keeps nobody from the records. */
async function loaded(kernel: PanelKernel, { title, load }: RecordFacts, ids: readonly number[]) {
  try {
    return await load(kernel.db.query, ids);
  } catch (fault) {
    kernel.log.error({ err: fault, facts: title }, 'what is known of records could not be loaded');
    const told = { label: 'Trouble', value: 'This could not be loaded. The server log says why.' };
    return new Map(ids.map((id) => [id, [told]]));
  }
}

/** Buttons whose words have failed: each is told of once. */
const failing = new WeakSet<ViewAction>();

/** What a button would do to a record, or why it would not; one whose words fail is off. */
function stateOf(kernel: PanelKernel, action: ViewAction, row: Row, facts: ShownFacts): ActionStates[string] {
  const { name, said } = action;
  try {
    const [says, off] = [said.says?.(row, facts), said.unless?.(row)];
    return { ...(says === undefined ? {} : { says }), ...(off === undefined ? {} : { off }) };
  } catch (fault) {
    if (!failing.has(action)) kernel.log.error({ err: fault, action: name }, 'the words of a button failed');
    failing.add(action);
    return { off: 'What it would do could not be told. The server log says why.' };
  }
}

/** The parameters of one record. */
export function extrasOf(
  kernel: PanelKernel,
  { actions, compare }: ResourceView,
  row: Row,
  groups: readonly FactGroup[] = [],
): Record<string, string> {
  const facts: ShownFacts = Object.fromEntries(
    groups.flatMap((group) => group.facts.map(({ label, value }) => [label, value] as const)),
  );
  const states: ActionStates = Object.fromEntries(
    actions.map((action) => [action.name, stateOf(kernel, action, row, facts)] as const),
  );
  const extras: Extras = {
    ...(actions.length > 0 ? { $actions: states } : {}),
    ...(groups.length > 0 ? { $facts: groups } : {}),
    ...(compare?.lines ? { $lines: compare.lines(row) } : {}),
  };
  return Object.fromEntries(Object.entries(extras).map(([name, value]) => [name, JSON.stringify(value)]));
}
