import { extensionPoint } from './extension.ts';

/** A record that a line of a card leads to: the name of its model in the registry, and its id. */
export interface RecordLink {
  model: string;
  id: number;
}

/** A list that a figure leads to, filtered by columns of it. */
export interface ListLink {
  model: string;
  filter?: Readonly<Record<string, string>>;
}

/** How a cell is shown: an address, block or MAC; a percentage from 0 to 100 as a bar; a status; a moment (ISO 8601). */
export type CellKind = 'text' | 'network' | 'usage' | 'status' | 'time';

/** What a card shows: figures side by side, stacked bars, or the lines of a table. */
export type CardContent =
  | { kind: 'figures'; figures: readonly { label: string; value: number; link?: ListLink }[] }
  | {
      kind: 'bars';
      labels: readonly string[];
      series: readonly { label: string; values: readonly number[] }[];
    }
  | {
      kind: 'table';
      columns: readonly { key: string; label: string; as?: CellKind }[];
      rows: readonly { link?: RecordLink; cells: Readonly<Record<string, string | number | null>> }[];
      /** What a person reads, and may do next, where there are no lines. */
      empty: string;
    };

/** A card on the panel's first page. */
export interface DashboardCard {
  /** Of two with one title a person sees the later one, in the place of the first, who may see it. */
  title: string;
  /** Who may see it. */
  permission: string;
  width: 'half' | 'full';
  load(): Promise<CardContent>;
}

/** Filled by plugins; shown in the order of the plugins. */
export const dashboardCards = extensionPoint<DashboardCard>('panel.dashboard');
