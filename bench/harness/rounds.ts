import type { Child } from './child.ts';
import { type Answered, type Load, run } from './load.ts';

/** One measured load: what was answered, and what it cost the server, in CPU microseconds per request. */
export interface Sample extends Answered {
  cpu: number;
}

/** Measures one load on one server. */
export async function sample(server: Child, load: Load): Promise<Sample> {
  const before = await server.cpu();
  const answered = await run(load);
  return { ...answered, cpu: ((await server.cpu()) - before) / answered.requests };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The samples of several cases, taken in turn: A B C, C B A, …, so that a slow minute of the machine hits them all. */
export class Rounds<Name extends string, S extends Sample = Sample> {
  readonly #samples = new Map<Name, S[]>();

  static async of<Name extends string, S extends Sample>(
    cases: Record<Name, (round: number) => Promise<S>>,
    rounds: number,
  ): Promise<Rounds<Name, S>> {
    const all = new Rounds<Name, S>();
    const names = Object.keys(cases) as Name[];
    for (let round = 0; round < rounds; round += 1) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const taken = all.#samples.get(name) ?? [];
        taken[round] = await cases[name](round);
        all.#samples.set(name, taken);
      }
    }
    return all;
  }

  get names(): Name[] {
    return [...this.#samples.keys()];
  }

  /** The median of a figure over all rounds. */
  of(name: Name, figure: (taken: S) => number): number {
    return median((this.#samples.get(name) ?? []).map(figure));
  }

  /** The median over the rounds of one case's figure divided by another's of the same round. */
  ratio(name: Name, to: Name, figure: (taken: S) => number = ({ rate }) => rate): number {
    const base = this.#samples.get(to) ?? [];
    return median(
      (this.#samples.get(name) ?? []).map((taken, round) => figure(taken) / figure(base[round] as S)),
    );
  }
}
