const exactUpTo = 10_000;
const count = new Intl.NumberFormat();

/** How long a list is: beyond 10,000 an estimate, or with a filter no more than that it is longer; both say so. */
export function totalText(total: number): string {
  if (total <= exactUpTo) return count.format(total);
  return total === exactUpTo + 1 ? `more than ${count.format(exactUpTo)}` : `about ${count.format(total)}`;
}
