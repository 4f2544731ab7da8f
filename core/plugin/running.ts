import type { ModelStatic } from 'sequelize';
import type { PermissionEntry } from '../auth/principal.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { ProblemKind } from '../errors/problem.ts';
import type { Route } from '../http/route.ts';
import type { Job } from '../jobs/job.ts';
import type { Metric } from '../metrics/metric.ts';
import type { AnyPlugin } from './define.ts';
import type { PluginStatus, RegisteredModel, Registry } from './registry.ts';

/** A plugin on its way through the phases of the boot. */
export interface Running {
  readonly plugin: AnyPlugin;
  config: unknown;
  readonly models: Record<string, ModelStatic<never>>;
  api: unknown;
  routes: readonly Route[];
  jobs: readonly Job[];
  metrics: Readonly<Record<string, Metric>>;
}

/** Puts together what the running plugins brought, and lets nobody change it any more. */
export function frozenRegistry(
  plugins: readonly PluginStatus[],
  kernel: Pick<Running, 'routes' | 'jobs' | 'metrics'> & { permissions: Record<string, PermissionEntry> },
  running: readonly Running[],
): Registry {
  const permissions = [
    ...Object.entries(kernel.permissions),
    ...running.flatMap(
      ({ plugin }) => Object.entries(plugin.definition.permissions ?? {}) as [string, PermissionEntry][],
    ),
  ];
  const errors = running.flatMap(
    ({ plugin }) => Object.values(plugin.definition.errors ?? {}) as ProblemKind[],
  );
  const owners = [
    { name: 'kernel', jobs: kernel.jobs },
    ...running.map(({ plugin, jobs }) => ({ name: plugin.name, jobs })),
  ];
  const jobs = owners.flatMap((owner) =>
    owner.jobs.map((job) => [`${owner.name}.${job.name}`, job] as const),
  );
  return Object.freeze({
    plugins: Object.freeze(plugins.map((status) => Object.freeze(status))),
    models: Object.freeze(running.flatMap(registeredModels)),
    routes: Object.freeze([...kernel.routes, ...running.flatMap(({ routes }) => routes)]),
    permissions: frozenMap(permissions),
    errors: Object.freeze([...Object.values(kernelErrors), ...errors]),
    jobs: frozenMap(jobs),
    metrics: frozenMap([kernel, ...running].flatMap(({ metrics }) => Object.entries(metrics))),
  });
}

/** The models of a plugin, as the registry has them. */
export function registeredModels({ plugin, models }: Running): RegisteredModel[] {
  return Object.entries(models).map(([name, model]) =>
    Object.freeze({
      name,
      owner: plugin.name,
      definition: plugin.definition.models?.[name],
      model,
      admin: plugin.definition.admin?.[name],
    }),
  );
}

/** `Object.freeze` alone does not keep a Map from being written to. */
function frozenMap<V>(entries: readonly (readonly [string, V])[]): ReadonlyMap<string, V> {
  const refuse = () => {
    throw new TypeError('The registry is frozen.');
  };
  return Object.freeze(Object.assign(new Map(entries), { set: refuse, delete: refuse, clear: refuse }));
}
