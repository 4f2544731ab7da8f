import semver from 'semver';
import type { ModelDefinition } from '../db/model.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { ProblemKind } from '../errors/problem.ts';
import type { Route } from '../http/route.ts';
import { isQueued, type Job, nextOccurrence, type QueuedJob } from '../jobs/job.ts';
import { jobMetricNames } from '../jobs/metrics.ts';
import { jobPermissions } from '../jobs/routes.ts';
import type { Metric } from '../metrics/metric.ts';
import { type AnyPlugin, kernelVersion } from './define.ts';
import { lenientObjectIn } from './strict.ts';

/** Who may own a name: a plugin or the kernel; two plugins of one name are two owners. */
interface Owner {
  readonly name: string;
}

/** Owner of what the kernel itself brings. */
export const kernel: Owner = Object.freeze({ name: 'kernel' });

/** Who claimed a name first; a second claim throws and names both owners. */
export class Claims {
  readonly #owners = new Map<string, Owner>();
  readonly #spellings = new Map<string, { path: string; owner: Owner }>();

  constructor() {
    this.claim('plugin', kernel.name, kernel);
    for (const metric of ['cadastre_plugin_state', ...jobMetricNames]) this.claim('metric', metric, kernel);
    for (const permission of Object.keys(jobPermissions)) this.claim('permission', permission, kernel);
    for (const table of ['outbox', 'periodic_job', 'job_run', 'idempotency_key', 'schema_migration']) {
      this.claim('table', table, kernel);
    }
    for (const { code } of Object.values(kernelErrors)) this.claim('error', code, kernel);
  }

  claim(kind: string, name: string, owner: Owner): void {
    const key = `${kind} ${name}`;
    const first = this.#owners.get(key);
    if (first !== undefined) {
      const claimants = first === owner ? `${owner.name} twice` : `both ${first.name} and ${owner.name}`;
      throw new Error(`The ${kind} "${name}" is claimed by ${claimants}.`);
    }
    this.#owners.set(key, owner);
  }

  /** One path has one spelling, whatever the method: /pets/{id} and /pets/{petId} are the same place. */
  spell(path: string, owner: Owner): void {
    const shape = path.replaceAll(/\{\w+\}/g, '{}');
    const first = this.#spellings.get(shape);
    if (first && first.path !== path) {
      throw new Error(
        `${first.path} of ${first.owner.name} and ${path} of ${owner.name} are one path: name its parameters alike.`,
      );
    }
    this.#spellings.set(shape, first ?? { path, owner });
  }

  /** Forgets what an owner claimed, when it turns out unusable. */
  release(owner: Owner): void {
    for (const [key, by] of this.#owners) if (by === owner) this.#owners.delete(key);
    for (const [key, by] of this.#spellings) if (by.owner === owner) this.#spellings.delete(key);
  }
}

const nameRule = /^[a-z][a-z0-9-]{1,40}$/;

/** Checks everything that a manifest says without running any of it. */
export function checkPlugin(plugin: AnyPlugin, claims: Claims): void {
  const { name, definition } = plugin;
  if (!nameRule.test(name)) {
    throw new Error(`The plugin name "${name}" must be lower case letters, digits and dashes.`);
  }
  if (!semver.valid(definition.version)) {
    throw new Error(`${name}: the version "${definition.version}" is not semver.`);
  }
  if ((definition.requires ?? []).some((required) => !required?.definition)) {
    throw new Error(`${name} requires something that is no plugin (do two modules import each other?).`);
  }
  const { concurrency = 1 } = definition;
  if (!isBetween(1, concurrency, 100)) {
    throw new Error(`${name}: a concurrency of ${concurrency} is not possible; 1 to 100 are.`);
  }
  claims.claim('plugin', name, plugin);
  for (const [model, { table, entity }] of Object.entries(definition.models ?? {}) as [
    string,
    ModelDefinition,
  ][]) {
    claims.claim('model', model, plugin);
    claims.claim('table', table, plugin);
    claims.claim('entity', entity, plugin);
  }
  for (const permission of Object.keys(definition.permissions ?? {}))
    claims.claim('permission', permission, plugin);
  for (const event of Object.keys(definition.events ?? {})) claims.claim('event', event, plugin);
  for (const constraint of Object.keys(definition.constraints ?? {}))
    claims.claim('constraint', constraint, plugin);
  for (const { code } of Object.values(definition.errors ?? {}) as ProblemKind[])
    claims.claim('error', code, plugin);
}

/** Says why a plugin does not fit this kernel; undefined where it does. */
export function incompatibility({ definition }: AnyPlugin): string | undefined {
  if (semver.validRange(definition.engine) === null)
    return `its engine "${definition.engine}" is not a semver range`;
  if (semver.satisfies(kernelVersion, definition.engine)) return undefined;
  return `it was made for kernel ${definition.engine}, this is ${kernelVersion}`;
}

/** Checks an owner's routes: paths claimed once, parameters and permissions declared, bodies and queries strict. */
export function checkRoutes(
  owner: Owner,
  routes: readonly Route[],
  permissions: ReadonlySet<string>,
  claims: Claims,
): void {
  for (const route of routes) {
    const named = `${route.method.toUpperCase()} ${route.path}`;
    claims.claim('route', named.replaceAll(/\{\w+\}/g, '{}'), owner);
    claims.spell(route.path, owner);
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = Object.keys(route.params?.shape ?? {});
    if (inPath.toSorted().join() !== declared.toSorted().join()) {
      throw new Error(
        `${owner.name}: ${named} has the parameters (${inPath.join(', ')}), its params declare (${declared.join(', ')}).`,
      );
    }
    if (
      route.permission !== 'public' &&
      route.permission !== 'signed-in' &&
      !permissions.has(route.permission)
    ) {
      throw new Error(
        `${owner.name}: ${named} needs the permission "${route.permission}", which no plugin declares.`,
      );
    }
    for (const [part, schema] of Object.entries({ query: route.query, body: route.body })) {
      const lenient = lenientObjectIn(schema, part);
      if (lenient) {
        throw new Error(
          `${owner.name}: ${named} takes an object that is not strict (${lenient}); use z.strictObject, so that unknown keys are told.`,
        );
      }
    }
  }
}

const jobRule = /^[a-z][a-z0-9-]{0,40}$/;

/**
 * Checks an owner's jobs: names well-formed and claimed once, schedules readable and, of what runs by the clock, data with a default
 * for everything; attempts and concurrency of what is enqueued within reason.
 */
export function checkJobs(owner: Owner, jobs: readonly Job[], claims: Claims): void {
  for (const each of jobs) {
    const { name, data } = each;
    const every = isQueued(each) ? each.repeat : each.every;
    if (!jobRule.test(name)) {
      throw new Error(`${owner.name}: the job name "${name}" must be lower case letters, digits and dashes.`);
    }
    claims.claim('job', `${owner.name}.${name}`, owner);
    if (isQueued(each)) checkQueued(owner, each);
    if (every === undefined) continue;
    try {
      nextOccurrence(every, new Date());
    } catch (fault) {
      throw new Error(
        `${owner.name}: the job "${name}" cannot run every "${every}": ${(fault as Error).message}.`,
      );
    }
    const parsed = data?.safeParse({});
    if (parsed?.success === false) {
      throw new Error(`${owner.name}: the job "${name}" needs a default for all of its data.`);
    }
  }
}

function checkQueued(owner: Owner, { name, concurrency, retry: { attempts, delay, most } }: QueuedJob): void {
  if (!isBetween(1, concurrency, 100)) {
    throw new Error(
      `${owner.name}: the job "${name}" has a concurrency of ${concurrency}; 1 to 100 are possible.`,
    );
  }
  if (!isBetween(1, attempts, 100) || !(delay >= 0 && most >= delay)) {
    throw new Error(
      `${owner.name}: the job "${name}" can be tried 1 to 100 times, with a delay of at least 0 ms and at most \`most\`.`,
    );
  }
}

function isBetween(least: number, value: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

const metricRule = /^cadastre_[a-z0-9_]+$/;

/** Checks an owner's metrics: names and labels well-formed, names claimed once. */
export function checkMetrics(owner: Owner, metrics: Readonly<Record<string, Metric>>, claims: Claims): void {
  for (const [name, { labels = [] }] of Object.entries(metrics)) {
    if (!metricRule.test(name)) {
      throw new Error(
        `${owner.name}: the metric name "${name}" must be cadastre_ and lower case letters, digits and underscores.`,
      );
    }
    claims.claim('metric', name, owner);
    const wrong = labels.find((label) => !/^[a-z][a-z0-9_]*$/.test(label));
    if (wrong !== undefined) {
      throw new Error(
        `${owner.name}: the metric ${name} has the label "${wrong}"; labels are lower case words.`,
      );
    }
  }
}
