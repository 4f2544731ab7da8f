import { extensionPoint } from './extension.ts';

/** A record that a search found, as the panel shows it. */
export interface FoundRecord {
  /** What kind of record, as the audit log calls it. */
  entity: string;
  id: number;
  title: string;
  /** What it belongs to and what else it is called, by what that is. */
  context: Readonly<Record<string, string>>;
  /** The field that matches. */
  matched: string;
}

/**
 * What the panel's search box asks: a GET route that takes `q` and `cursor` and answers
 * `{ items: FoundRecord[], nextCursor, cut: string[] }`; `cut` are the kinds of which more match than it tells.
 */
export interface PanelSearch {
  /** Below /api/v1. */
  path: `/${string}`;
}

/** Filled by the plugin that searches; without one there is no search box. */
export const panelSearch = extensionPoint<PanelSearch>('panel.search');
