import type { ObservedState, Seen } from './conclude.ts';

/** An address of one subnet in one look, with how it stood before. */
interface Looked {
  readonly outcome: Seen['outcome'];
  readonly before: { readonly state: ObservedState; readonly wasSeen: boolean } | undefined;
}

/** What the canary of the subnet, who answers whenever it can be reached, did. */
export interface Canary {
  readonly wasSeen: boolean;
  readonly answers: boolean;
}

/** Whether somebody may be expected to answer: seen once, and not known to be silent. */
const isExpected = ({ before }: Looked) => before?.wasSeen === true && before.state !== 'silent';

/** Whether it has to be found out how the canary is: nobody answered, and somebody was expected to. */
export function isSuspect(group: readonly Looked[]): boolean {
  return group.some(isExpected) && group.every(({ outcome }) => outcome !== 'seen');
}

/**
 * Whether the silence of a suspect subnet says more of the way there than of those who are silent: the canary is silent, too, or, where
 * it is not known to answer, several fell silent at once.
 */
export function isUnreachable(group: readonly Looked[], canary: Canary | undefined): boolean {
  if (!isSuspect(group)) return false;
  if (canary?.wasSeen) return !canary.answers;
  return group.filter(isExpected).length > 1;
}
