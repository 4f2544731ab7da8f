import { Problem, type Tx } from '#core';
import type { Group } from './items.ts';

/** A statement of a revert: what it does with which records, all at once or some of them. */
export interface Step extends Group {
  run(tx: Tx, ids?: readonly string[]): Promise<unknown>;
  /** Done only where nothing else is possible any more. */
  isLastResort?: boolean;
}

/** The step that no order of the others makes possible, why, and the record that is to blame, where one is. */
export class Stuck extends Error {
  readonly fault: unknown;
  readonly step: Step;
  readonly id: string | undefined;

  constructor(fault: unknown, step: Step, id: string | undefined) {
    super('A step of the revert is refused, whatever goes before it.');
    this.fault = fault;
    this.step = step;
    this.id = id;
  }
}

/** Whether a rule spoke: a broken constraint, a trigger that refuses, or a problem for the client. Anything else stops the revert. */
function isRefusal(fault: unknown): boolean {
  if (fault instanceof Problem) return fault.status < 500;
  const { code, severity } = fault as { code?: unknown; severity?: unknown };
  // Classes of SQLSTATE: integrity, and what is not in the state it would have to be in.
  return severity !== undefined && typeof code === 'string' && /^(23|55000)/.test(code);
}

/** Runs a part that may be refused; the refusal is answered, and nothing of the part stays. */
async function attempted(tx: Tx, work: () => Promise<unknown>, keep = true): Promise<unknown> {
  await tx.query('SAVEPOINT step');
  try {
    await work();
    await tx.query(keep ? 'RELEASE SAVEPOINT step' : 'ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step');
    return undefined;
  } catch (fault) {
    if (!isRefusal(fault)) throw fault;
    await tx.query('ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step');
    return fault;
  }
}

/** Of records that are refused together, one that is refused alone, with why; found by halving, each try undone. */
async function culprit(
  tx: Tx,
  step: Step,
  ids: readonly string[],
): Promise<{ id: string; fault: unknown } | undefined> {
  const fault = await attempted(tx, () => step.run(tx, ids), false);
  if (!fault) return undefined;
  if (ids.length === 1) return { id: ids[0] as string, fault };
  const half = Math.ceil(ids.length / 2);
  return (await culprit(tx, step, ids.slice(0, half))) ?? (await culprit(tx, step, ids.slice(half)));
}

async function idsOf(tx: Tx, { entity, undo }: Group): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'SELECT id FROM change_item WHERE entity = $1 AND undo = $2 ORDER BY first',
    [entity, undo],
  );
  return rows.map(({ id }) => id);
}

/**
 * Runs all steps in an order that the rules allow: what is refused waits until others have been done, since the registry does not know
 * every rule that a trigger keeps. Throws `Stuck` where nothing is possible any more.
 */
export async function runSteps(tx: Tx, steps: readonly Step[]): Promise<void> {
  let waiting = steps.filter(({ isLastResort }) => !isLastResort);
  const resorts = steps.filter(({ isLastResort }) => isLastResort);
  while (waiting.length > 0) {
    const refused: Refused[] = [];
    for (const step of waiting) {
      const fault = await attempted(tx, () => step.run(tx));
      if (fault) refused.push({ step, fault });
    }
    if (refused.length === waiting.length) {
      const resort = resorts.shift();
      if (!resort) throw await stuckAt(tx, refused as [Refused, ...Refused[]]);
      await attempted(tx, () => resort.run(tx));
    }
    waiting = refused.map(({ step }) => step);
  }
}

interface Refused {
  step: Step;
  fault: unknown;
}

async function stuckAt(tx: Tx, [{ step, fault }]: [Refused, ...Refused[]]): Promise<Stuck> {
  const found = await culprit(tx, step, await idsOf(tx, step));
  return new Stuck(found?.fault ?? fault, step, found?.id);
}
