import type { ModelStatic } from 'sequelize';
import type { Sealer } from '../auth/sealer.ts';
import type { IssueToken } from '../auth/tokens.ts';
import { createRunAhead } from '../db/ahead.ts';
import type { Database } from '../db/database.ts';
import type { ConstraintTable } from '../db/failures.ts';
import { bindModel, type ModelDefinition } from '../db/model.ts';
import { createRunAlone } from '../db/retry.ts';
import { createTransact, type Transact } from '../db/transaction.ts';
import { createEvents, type Events } from '../events/outbox.ts';
import { withBulkRoutes } from '../http/bulk.ts';
import { isQueued, type Job, type PeriodicJob } from '../jobs/job.ts';
import { createJobs, type Jobs } from '../jobs/jobs.ts';
import { jobMetrics } from '../jobs/metrics.ts';
import { jobPermissions, jobRoutes } from '../jobs/routes.ts';
import { jobConstraints } from '../jobs/runs.ts';
import { createSchedule, type Schedule } from '../jobs/schedule.ts';
import type { Log } from '../log/log.ts';
import {
  Claims,
  checkJobs,
  checkMetrics,
  checkPlugin,
  checkRoutes,
  incompatibility,
  kernel,
} from './check.ts';
import { parsePluginConfig } from './config.ts';
import { createContext } from './context.ts';
import { Crew } from './crew.ts';
import type { AnyPlugin, Plugin } from './define.ts';
import { type ExtensionPoint, Extensions } from './extension.ts';
import { keepRules } from './keep-rules.ts';
import { kernelJobs } from './kernel-jobs.ts';
import { bringUpToDate } from './migrations.ts';
import { inLoadOrder } from './order.ts';
import { pluginRoutes } from './plugin-routes.ts';
import type { PluginStatus, Registry } from './registry.ts';
import { frozenRegistry } from './running.ts';
import { healthChecksOf, unloadableStatus, withHealth } from './status.ts';

export interface HostOptions {
  /** Ours: one that fails stops the boot. */
  builtIn: readonly AnyPlugin[];
  /** Third parties': one that fails is set aside with a reason, unless `strict`. */
  external?: readonly AnyPlugin[];
  /** External plugins that could not even be loaded, with why. */
  unloadable?: readonly { name: string; why: string }[];
  strict?: boolean;
  db: Database;
  /** The same database for the role that owns the tables: what migrates and what changes their rules. `db` where there is one role only. */
  owner?: Database;
  env: NodeJS.ProcessEnv;
  log: Log;
  issueToken: IssueToken;
  sealer?: Sealer | undefined;
  /** Whether NODE_ENV says so; false unless told. */
  production?: boolean;
  clock?: () => Date;
  /** `off`: refuse to start when migrations are pending, instead of applying them. */
  migrate?: 'auto' | 'off';
  /** The longest that one plugin may take for one phase, in milliseconds. */
  phaseTimeout?: number;
  /** How long claims of runs hold, and the like. */
  jobs?: Parameters<typeof createJobs>[2];
}

/** A booted set of plugins. */
export interface Host {
  readonly registry: Registry;
  readonly transact: Transact;
  readonly events: Events;
  readonly schedule: Schedule;
  readonly jobs: Jobs;
  extensions<T>(point: ExtensionPoint<T>): readonly T[];
  /** What a plugin's `setup` returned; throws where it does not run. */
  api<Api>(plugin: Plugin<string, Api>): Api;
  /** Readiness checks of the built-in plugins, by `plugin.check`: a third party's must not take the register down. */
  healthChecks(): Record<string, () => Promise<void>>;
  /** What has become of each plugin, degraded ones looked at just now. */
  statuses(): Promise<PluginStatus[]>;
}

/** Boots plugins: check → order → settings → models → migrations → set-up → rules of tables → routes, jobs and metrics; then the registry is frozen. */
export async function bootHost(options: HostOptions): Promise<Host> {
  const {
    db,
    owner = db,
    env,
    log,
    clock = () => new Date(),
    strict = false,
    phaseTimeout = 60_000,
    migrate = 'auto',
  } = options;
  const all = [...options.builtIn, ...(options.external ?? [])];
  const builtIn = new Set(options.builtIn);
  const claims = new Claims();
  const extensions = new Extensions();
  const constraints: ConstraintTable = { ...jobConstraints };
  const events = createEvents(db, log);
  const transact = createTransact(db, constraints, log);
  const runAlone = createRunAlone(db, constraints);
  const runAhead = createRunAhead(db, constraints);
  const jobs = createJobs(runAlone, log, options.jobs);
  const crew = new Crew({
    builtIn,
    strict,
    phaseTimeout,
    log,
    release: (plugin) => claims.release(plugin),
    forget(name) {
      events.forget(name);
      extensions.forget(name);
    },
  });
  const { running } = crew;
  let booted = false;

  for (const plugin of all) {
    const why = incompatibility(plugin);
    if (why) crew.setAside(plugin, 'incompatible', why);
    else await crew.attempt(plugin, 'check', () => checkPlugin(plugin, claims));
  }
  const sound = all.filter((plugin) => crew.isSound(plugin));
  for (const plugin of inLoadOrder(sound, (refused, why) => crew.setAside(refused, 'failed', why))) {
    crew.admit(plugin);
  }
  await crew.phase('settings', (entry) => {
    entry.config = parsePluginConfig(entry.plugin.name, entry.plugin.definition.config, env);
  });
  await crew.phase('models', ({ plugin, models }) => {
    for (const [name, definition] of Object.entries(plugin.definition.models ?? {})) {
      models[name] = bindModel(definition as ModelDefinition, db.sequelize) as ModelStatic<never>;
    }
  });
  await bringUpToDate({ crew, builtIn, db, owner, migrate, log });
  for (const { plugin } of running.values()) {
    for (const [name, schema] of Object.entries(plugin.definition.events ?? {})) {
      events.declare(name, schema as never);
    }
    Object.assign(constraints, plugin.definition.constraints);
  }
  await crew.phase('set-up', async (entry) => {
    const { plugin, config, models } = entry;
    const required = (plugin.definition.requires ?? []).map(({ name }) => [name, running.get(name)?.api]);
    const context = createContext({
      plugin,
      config,
      models,
      plugins: Object.fromEntries(required),
      db,
      transact,
      runAlone,
      runAhead,
      log,
      clock,
      issueToken: options.issueToken,
      sealer: options.sealer,
      isProduction: options.production ?? false,
      events,
      jobs,
      extensions,
      isOpen: () => !booted && crew.isSound(plugin),
      registry: () => {
        if (!booted) throw new Error(`${plugin.name}: the registry is complete once the start is over.`);
        return registry;
      },
    });
    entry.api = await plugin.definition.setup(context);
  });
  const known = new Set([...all, ...(options.unloadable ?? [])].map(({ name }) => name));
  await keepRules({ crew, extensions, known, db, owner, migrate, log });
  const permissions = new Set([
    ...Object.keys(jobPermissions),
    ...[...running.values()].flatMap(({ plugin }) => Object.keys(plugin.definition.permissions ?? {})),
  ]);
  const statuses = () => Promise.all(registry.plugins.map((status) => withHealth(status, checksOf(status))));
  const ownRoutes = [...pluginRoutes(statuses), ...jobRoutes(jobs, runAlone)];
  checkRoutes(kernel, ownRoutes, permissions, claims);
  await crew.phase('routes', (entry) => {
    const routes = withBulkRoutes(entry.plugin.definition.routes?.(entry.api as never) ?? []);
    checkRoutes(entry.plugin, routes, permissions, claims);
    entry.routes = routes;
  });
  const ownJobs = kernelJobs(runAlone);
  checkJobs(kernel, ownJobs, claims);
  await crew.phase('jobs', (entry) => {
    const brought = entry.plugin.definition.jobs?.(entry.api as never) ?? [];
    checkJobs(entry.plugin, brought, claims);
    entry.jobs = brought;
  });
  await crew.phase('metrics', (entry) => {
    const metrics = entry.plugin.definition.metrics?.(entry.api as never) ?? {};
    checkMetrics(entry.plugin, metrics, claims);
    entry.metrics = metrics;
  });
  booted = true;

  const fates = all.map((plugin) => ({
    name: plugin.name,
    version: plugin.definition.version,
    ...crew.fate(plugin),
    summary: plugin.definition.summary,
    builtIn: builtIn.has(plugin),
  }));
  const unloadable = (options.unloadable ?? []).map(unloadableStatus);
  const own = {
    permissions: jobPermissions,
    routes: ownRoutes,
    jobs: ownJobs,
    metrics: jobMetrics(jobs, runAlone),
  };
  const registry = frozenRegistry([...fates, ...unloadable], own, [...running.values()]);
  const concurrencies = [...running.values()].flatMap(({ plugin: { name, definition } }) =>
    definition.concurrency === undefined ? [] : [[name, definition.concurrency] as const],
  );
  jobs.adopt(registry.jobs, new Map(concurrencies));

  /** A plugin that was set aside is not asked, whatever else bears its name. */
  function checksOf({ name, state }: PluginStatus): Record<string, () => Promise<void>> {
    const entry = running.get(name);
    return entry && state === 'running' ? healthChecksOf(entry.plugin, entry.api) : {};
  }

  return {
    registry,
    transact,
    events,
    schedule: createSchedule(db, log, periodicOf(registry.jobs, jobs), { clock }),
    jobs,
    statuses,
    extensions: (point) => extensions.of(point),
    api: ({ name }) => {
      const entry = running.get(name);
      if (!entry) throw new Error(`The plugin ${name} is not running.`);
      return entry.api as never;
    },
    healthChecks: () =>
      Object.fromEntries(
        registry.plugins
          .filter((status) => status.builtIn)
          .flatMap((status) =>
            Object.entries(checksOf(status)).map(([name, check]) => [`${status.name}.${name}`, check]),
          ),
      ),
  };
}

/** What the schedule runs: the jobs by the clock themselves, and the enqueuing of those that repeat. */
function periodicOf(all: ReadonlyMap<string, Job>, jobs: Jobs): Map<string, PeriodicJob> {
  const byClock = [...all].filter((entry): entry is [string, PeriodicJob] => !isQueued(entry[1]));
  return new Map([...byClock, ...jobs.repeating(all)]);
}
