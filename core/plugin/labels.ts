import { extensionPoint } from './extension.ts';

/** Answers which of some labels have a colour, and which: label → `#rrggbb`. Asked once for a page of records. */
export type LabelColors = (labels: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Filled by plugins that know more of labels than their text; the panel shows them so. Of two colours the later plugin's holds. */
export const labelColors = extensionPoint<LabelColors>('panel.labels');
