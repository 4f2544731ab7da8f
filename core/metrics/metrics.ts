import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Log } from '../log/log.ts';
import type { PluginState, PluginStatus } from '../plugin/registry.ts';
import { withTimeout } from '../timeout.ts';
import type { Metric, MetricSample } from './metric.ts';

export interface MetricsParts {
  log: Log;
  /** Those of the plugins, by name. */
  metrics: ReadonlyMap<string, Metric>;
  statuses(): Promise<PluginStatus[]>;
  /** What a scraper sends as its bearer token; without it, whoever reaches the port may read. */
  token: string | undefined;
}

/** The longest that one metric may take to be read, in milliseconds. */
const readTimeout = 2_000;

// Node's own are of the process, and the observers behind them are never taken down.
const ofProcess = new Registry();

const states: readonly PluginState[] = ['running', 'degraded', 'failed', 'incompatible'];

/** Answers `GET /metrics` in Prometheus' text format; a metric that cannot be read is left out and logged. */
export function createMetrics({ log, metrics, statuses, token }: MetricsParts): RequestHandler {
  if (ofProcess.getMetricsAsArray().length === 0) collectDefaultMetrics({ register: ofProcess });
  const underWay = new Map<string, Promise<readonly MetricSample[]>>();

  /** Reads a metric once for all who ask meanwhile, so that impatient scrapers do not pile up on the database. */
  function read(name: string, metric: Metric): Promise<readonly MetricSample[]> {
    let reading = underWay.get(name);
    if (!reading) {
      reading = samplesOf(metric).finally(() => underWay.delete(name));
      underWay.set(name, reading);
    }
    return withTimeout(reading, readTimeout, `no answer within ${readTimeout / 1000} s`);
  }

  /** One metric by itself: what cannot be written must not spoil the rest. */
  async function scrape(name: string, metric: Metric): Promise<Registry> {
    const registry = new Registry();
    try {
      write(registry, name, metric, await read(name, metric));
      return registry;
    } catch (fault) {
      log.warn({ err: fault, metric: name }, 'metric could not be read');
      return new Registry();
    }
  }

  return async (req, res) => {
    if (token !== undefined && !carries(req.headers.authorization, token)) {
      throw kernelErrors.notAuthenticated('Send the METRICS_TOKEN as a bearer token.', {
        headers: { 'WWW-Authenticate': 'Bearer realm="metrics"' },
      });
    }
    const scraped = await Promise.all([
      statuses().then(statesOf),
      ...[...metrics].map(([name, metric]) => scrape(name, metric)),
    ]);
    const text = await Registry.merge([ofProcess, ...scraped]).metrics();
    res.setHeader('Content-Type', ofProcess.contentType);
    res.end(text);
  };
}

async function samplesOf(metric: Metric): Promise<readonly MetricSample[]> {
  const value = await metric.read();
  return typeof value === 'number' ? [{ labels: {}, value }] : value;
}

/** Throws where a label was not declared or a value is no number. */
function write(registry: Registry, name: string, metric: Metric, samples: readonly MetricSample[]): void {
  const configuration = { name, help: metric.help, labelNames: metric.labels ?? [], registers: [registry] };
  if (metric.type === 'counter') {
    const counter = new Counter(configuration);
    for (const { labels, value } of samples) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(configuration);
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
}

function statesOf(statuses: readonly PluginStatus[]): Registry {
  const registry = new Registry();
  const help = 'Whether a plugin is in a state (1) or not (0).';
  const samples = statuses.flatMap((status) =>
    states.map((state) => ({
      labels: { plugin: status.name, state },
      value: status.state === state ? 1 : 0,
    })),
  );
  write(
    registry,
    'cadastre_plugin_state',
    { help, labels: ['plugin', 'state'], read: () => samples },
    samples,
  );
  return registry;
}

/** Compares digests, so that how long it takes tells nothing of the token. */
function carries(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
