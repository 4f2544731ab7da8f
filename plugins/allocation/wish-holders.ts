import { invalidRequest, kernelErrors, Problem, type RunQuery } from '#core';
import { chosenHolding, chosenHoldings } from '#plugins/subnets';
import type { Wish } from './schemas.ts';

/** The wishes with ids for the names of holders; 422 for all that are not there. */
export async function withHolders(query: RunQuery, wishes: readonly Wish[]): Promise<Wish[]> {
  const chosen = await chosenHoldings(
    query,
    wishes.map((choice) => ({ choice })),
  );
  const faults = chosen.flatMap(({ fault }, nth) => {
    if (!fault) return [];
    return wishes.length === 1 ? fault : { ...fault, path: fault.path.replace('body.', `body.${nth}.`) };
  });
  if (faults.length > 0) throw invalidRequest(faults);
  return wishes.map((wish, nth) => ({ ...wish, ...chosen[nth]?.holding }));
}

/** Why a wish broke a rule: where its device or interface is not there, 422 that says so. */
export async function explained(query: RunQuery, fault: unknown, wish: Wish): Promise<unknown> {
  if (fault instanceof Problem && fault.code === kernelErrors.conflict.code) await chosenHolding(query, wish);
  return fault;
}
