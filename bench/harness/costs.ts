import type { Load } from './load.ts';
import type { Product } from './product.ts';
import type { Report } from './report.ts';
import { type Rounds, type Sample, sample } from './rounds.ts';

/** One measured load on the product, with the CPU that PostgreSQL took, in microseconds per request. */
export interface Costs extends Sample {
  database: number;
}

/** Measures one load on the product, and on its database. */
export async function costs(product: Product, load: Load): Promise<Costs> {
  const before = await product.databaseCpu();
  const taken = await sample(product, load);
  return { ...taken, database: ((await product.databaseCpu()) - before) / taken.requests };
}

/** A row for each case: its rate, also as a share of the baseline's, then `further` figures, and what it cost. */
export function costTable<S extends Costs>(
  report: Report,
  title: string,
  taken: Rounds<string, S>,
  baseline: { name: string; title: string },
  further: Record<string, (taken: S) => number> = {},
): void {
  const figures = Object.values(further);
  report.table(
    [
      title,
      'requests/s',
      baseline.title,
      ...Object.keys(further),
      'server CPU µs',
      'database CPU µs',
      'p50 ms',
      'p95 ms',
    ],
    taken.names.map((name) => [
      name,
      taken.of(name, ({ rate }) => rate),
      taken.ratio(name, baseline.name),
      ...figures.map((figure) => taken.of(name, figure)),
      taken.of(name, ({ cpu }) => cpu),
      taken.of(name, ({ database }) => database),
      taken.of(name, ({ p50 }) => p50),
      taken.of(name, ({ p95 }) => p95),
    ]),
  );
}
