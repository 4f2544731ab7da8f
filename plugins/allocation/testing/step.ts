import type { SpaceModel } from './space-model.ts';

/** One step: what it is called, what the model answers (and becomes), and how the register is asked. */
export interface Step {
  name: string;
  model(space: SpaceModel, got?: unknown): unknown;
  register(): Promise<unknown>;
  /** The register is asked for a dry run: the answer is as it would be, and nothing stays. */
  keepsNothing?: boolean;
  /** Chance has a part in it: the register goes first, and the model is told what it answered. */
  isDrawn?: boolean;
}
