import { Icon } from '@adminjs/design-system';
import React from 'react';
import { totalText } from './total.tsx';

interface PagerProps {
  page: number;
  perPage: number;
  total: number;
  /** How many lines this page has. */
  shown: number;
  go(page: number): void;
}

const count = new Intl.NumberFormat();

/** Which part of a list is in sight, and the way to the next. */
export function Pager({ page, perPage, total, shown, go }: PagerProps) {
  if (shown === 0 && page === 1) return null;
  const first = (page - 1) * perPage + 1;
  const span = shown === 0 ? 'None' : `${count.format(first)}–${count.format(first + shown - 1)}`;
  const last = page * perPage >= total;
  return (
    <nav className="cad-pager" aria-label="Pages">
      <span>
        {span} of {totalText(total)}
      </span>
      <Step icon="ChevronsLeft" label="First page" off={page === 1} go={() => go(1)} />
      <Step icon="ChevronLeft" label="Previous page" off={page === 1} go={() => go(page - 1)} />
      <Step icon="ChevronRight" label="Next page" off={last} go={() => go(page + 1)} />
    </nav>
  );
}

function Step({ icon, label, off, go }: { icon: string; label: string; off: boolean; go(): void }) {
  return (
    <button type="button" className="cad-icon" aria-label={label} title={label} disabled={off} onClick={go}>
      <Icon icon={icon} size={18} />
    </button>
  );
}
