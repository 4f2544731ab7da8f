/** One value of a metric that has labels. */
export interface MetricSample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** A figure at `/metrics` as a plugin writes it. */
export interface Metric {
  /** One sentence for whoever reads the figure. */
  readonly help: string;
  /** `counter` for what only grows; `gauge` (the default) for what is so now. */
  readonly type?: 'gauge' | 'counter';
  readonly labels?: readonly string[];
  /** Reads it at each scrape, within two seconds: a number, or one value for each set of labels. No count over a big table. */
  read(): number | readonly MetricSample[] | Promise<number | readonly MetricSample[]>;
}
