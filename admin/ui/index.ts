// The door for the pages and cells of plugins: what they import is bundled for the browser, never run by Node.
export { Card, type CardProps } from './card.tsx';
export { cellOf, listPath, type Place, recordPath } from './cell.tsx';
export { Moment } from './moment.tsx';
export { Network } from './network.tsx';
export { StatusChip } from './status.tsx';
export { Tags } from './tags.tsx';
export { type SchemeChoice, useScheme } from './theme.tsx';
export { percentText, UsageBar } from './usage.tsx';
