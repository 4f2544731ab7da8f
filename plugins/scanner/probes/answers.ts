import type { Answer, State } from './knocks.ts';

/** What was answered to the nth question. */
export interface Answered {
  readonly nth: number;
  readonly answers: readonly Answer[];
}

/** Answers in the form in which threads hand them over: no objects, one entry for each port; `errors` by the entry that they stand for. */
export interface Packed {
  readonly nths: Uint32Array<ArrayBuffer>;
  readonly states: Uint8Array<ArrayBuffer>;
  readonly rtts: Float64Array<ArrayBuffer>;
  readonly errors: ReadonlyMap<number, string>;
}

const states: readonly State[] = ['open', 'refused', 'silent'];

/** Packs answers that all have one for each of so many ports. */
export function pack(answered: readonly Answered[], ports: number): Packed {
  const nths = new Uint32Array(answered.length);
  const stateOf = new Uint8Array(answered.length * ports);
  const rtts = new Float64Array(answered.length * ports).fill(Number.NaN);
  const errors = new Map<number, string>();
  let entry = 0;
  for (const [at, { nth, answers }] of answered.entries()) {
    nths[at] = nth;
    for (const answer of answers) {
      if ('error' in answer) errors.set(entry, answer.error);
      else {
        stateOf[entry] = states.indexOf(answer.state);
        if (answer.rttMs !== undefined) rtts[entry] = answer.rttMs;
      }
      entry += 1;
    }
  }
  return { nths, states: stateOf, rtts, errors };
}

/** What was packed. */
export function unpack({ nths, states: stateOf, rtts, errors }: Packed): Answered[] {
  const ports = stateOf.length / nths.length;
  return Array.from(nths, (nth, at) => ({
    nth,
    answers: Array.from({ length: ports }, (_, port) => {
      const entry = at * ports + port;
      const error = errors.get(entry);
      if (error !== undefined) return { error };
      const state = states[stateOf[entry] as number] as State;
      const rttMs = rtts[entry] as number;
      return Number.isNaN(rttMs) ? { state } : { state, rttMs };
    }),
  }));
}
