import type { z } from 'zod';
import type { Tx } from '#core';
import type { Guard, ReshapeContext } from './common.ts';
import { merge } from './merge.ts';
import { renumber } from './renumber.ts';
import { resize } from './resize.ts';
import type { blockBody, mergeBody, Reshaped, splitBody } from './schemas.ts';
import { split } from './split.ts';

/** Changes the blocks of subnets, with all that follows from it; each answers the plan of every change. */
export interface ReshapeService {
  split(tx: Tx, id: number, wish: z.output<typeof splitBody>, guard: Guard): Promise<Reshaped>;
  merge(tx: Tx, id: number, wish: z.output<typeof mergeBody>, guard: Guard): Promise<Reshaped>;
  resize(tx: Tx, id: number, wish: z.output<typeof blockBody>, guard: Guard): Promise<Reshaped>;
  renumber(tx: Tx, id: number, wish: z.output<typeof blockBody>, guard: Guard): Promise<Reshaped>;
}

/** Makes the service that reshapes subnets. */
export function createReshapeService(context: ReshapeContext): ReshapeService {
  return {
    split: (...wish) => split(context, ...wish),
    merge: (...wish) => merge(context, ...wish),
    resize: (...wish) => resize(context, ...wish),
    renumber: (...wish) => renumber(context, ...wish),
  };
}
