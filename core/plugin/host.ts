import type { ModelStatic } from 'sequelize';
import type { Sealer } from '../auth/sealer.ts';
import type { IssueToken } from '../auth/tokens.ts';
import { createRunAhead } from '../db/ahead.ts';
import type { Database } from '../db/database.ts';
import type { ConstraintTable } from '../db/failures.ts';
import { grantToApplication, migrateUp, underMigrationLock } from '../db/migrate.ts';
import { bindModel, type ModelDefinition } from '../db/model.ts';
import { createRunAlone } from '../db/retry.ts';
import { createTransact, type Transact } from '../db/transaction.ts';
import type { OwnedTrigger } from '../db/triggers.ts';
import { createEvents, type Events } from '../events/outbox.ts';
import { withBulkRoutes } from '../http/bulk.ts';
import { isQueued, type Job, type PeriodicJob } from '../jobs/job.ts';
import { createJobs, type Jobs } from '../jobs/jobs.ts';
import { jobMetrics } from '../jobs/metrics.ts';
import { jobPermissions, jobRoutes } from '../jobs/routes.ts';
import { jobConstraints } from '../jobs/runs.ts';
import { createSchedule, type Schedule } from '../jobs/schedule.ts';
import type { Log } from '../log/log.ts';
import { withTimeout } from '../timeout.ts';
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
import type { AnyPlugin, Plugin } from './define.ts';
import { type ExtensionPoint, Extensions } from './extension.ts';
import { kernelJobs } from './kernel-jobs.ts';
import { migrationSource, refuseToBeBehind } from './migrations.ts';
import { inLoadOrder } from './order.ts';
import { pluginRoutes } from './plugin-routes.ts';
import type { PluginStatus, Registry } from './registry.ts';
import { frozenRegistry, type Running, registeredModels } from './running.ts';
import { healthChecksOf, unloadableStatus, withHealth } from './status.ts';
import { behindOnRules, keepTableRules, tableRules, triggersOf } from './table-rules.ts';

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
  } = options;
  const all = [...options.builtIn, ...(options.external ?? [])];
  const builtIn = new Set(options.builtIn);
  const troubles = new Map<AnyPlugin, Pick<PluginStatus, 'state' | 'why'>>();
  const running = new Map<string, Running>();
  const claims = new Claims();
  const extensions = new Extensions();
  const constraints: ConstraintTable = { ...jobConstraints };
  const events = createEvents(db, log);
  const transact = createTransact(db, constraints, log);
  const runAlone = createRunAlone(db, constraints);
  const runAhead = createRunAhead(db, constraints);
  const jobs = createJobs(runAlone, log, options.jobs);
  let booted = false;

  function setAside(plugin: AnyPlugin, state: 'incompatible' | 'failed', why: string): void {
    if (builtIn.has(plugin) || strict) throw new Error(`The plugin ${plugin.name} is ${state}: ${why}`);
    log.error({ plugin: plugin.name, state, why }, 'plugin set aside');
    troubles.set(plugin, { state, why });
    claims.release(plugin);
    // A second plugin of a name must not take the first one's things away.
    if (running.get(plugin.name)?.plugin !== plugin) return;
    running.delete(plugin.name);
    events.forget(plugin.name);
    extensions.forget(plugin.name);
  }

  async function attempt(plugin: AnyPlugin, what: string, work: () => unknown, limit = phaseTimeout) {
    try {
      const done = Promise.resolve().then(work);
      await (limit === Number.POSITIVE_INFINITY
        ? done
        : withTimeout(done, limit, `it took over ${limit} ms`));
    } catch (fault) {
      setAside(plugin, 'failed', `${what}: ${(fault as Error)?.message ?? fault}`);
    }
  }

  async function phase(
    what: string,
    work: (entry: Running) => unknown,
    limit?: (plugin: AnyPlugin) => number,
  ) {
    for (const entry of [...running.values()]) {
      const { plugin } = entry;
      const absent = (plugin.definition.requires ?? []).find(({ name }) => !running.has(name));
      if (absent) setAside(plugin, 'failed', `it requires ${absent.name}, which cannot run`);
      else await attempt(plugin, what, () => work(entry), limit?.(plugin));
    }
  }

  /** A rule that cannot be kept is the fault of whoever made it, on whosever table. */
  async function keepRules(): Promise<void> {
    const [{ schema } = { schema: 'public' }] = await db.query<{ schema: string }>(
      'SELECT current_schema() AS schema',
    );
    const models = [...running.values()].flatMap(registeredModels);
    const known = new Set([...all, ...(options.unloadable ?? [])].map(({ name }) => name));
    const tables = new Set(models.map(({ definition }) => definition.table));
    const wanted: OwnedTrigger[] = [];
    await phase('table rules', ({ plugin: { name } }) => {
      wanted.push(...triggersOf(name, extensions.by(name, tableRules), { models, schema }, wanted));
    });
    const keeping = { db: owner, log, migrate: options.migrate ?? 'auto' } as const;
    const behind = await behindOnRules(db, wanted, { known, tables, running: new Set(running.keys()) });
    const keep = (...owners: string[]) =>
      keepTableRules(
        keeping,
        wanted.filter(({ owner }) => owners.includes(owner)),
        { known, tables, running: new Set(owners) },
      );
    await phase(
      'table rules',
      async ({ plugin: { name } }) => {
        if (behind.has(name)) await keep(name);
      },
      // A built-in one waits for the writers of a table as long as it takes.
      (plugin) => (builtIn.has(plugin) ? Number.POSITIVE_INFINITY : phaseTimeout),
    );
    if ([...behind].some((owner) => !known.has(owner))) await keep();
  }

  for (const plugin of all) {
    const why = incompatibility(plugin);
    if (why) setAside(plugin, 'incompatible', why);
    else await attempt(plugin, 'check', () => checkPlugin(plugin, claims));
  }
  const sound = all.filter((plugin) => !troubles.has(plugin));
  for (const plugin of inLoadOrder(sound, (refused, why) => setAside(refused, 'failed', why))) {
    running.set(plugin.name, {
      plugin,
      config: undefined,
      models: {},
      api: undefined,
      routes: [],
      jobs: [],
      metrics: {},
    });
  }
  await phase('settings', (entry) => {
    entry.config = parsePluginConfig(entry.plugin.name, entry.plugin.definition.config, env);
  });
  await phase('models', ({ plugin, models }) => {
    for (const [name, definition] of Object.entries(plugin.definition.models ?? {})) {
      models[name] = bindModel(definition as ModelDefinition, db.sequelize) as ModelStatic<never>;
    }
  });
  if (options.migrate === 'off') {
    await refuseToBeBehind(
      db,
      [...running.values()].filter(({ plugin }) => builtIn.has(plugin)),
    );
    await phase('migrations', (entry) => refuseToBeBehind(db, [entry]));
  } else {
    await migrateUp(owner, [], log);
    // A built-in migration may take as long as it needs: stopped half-way it would never get done.
    await phase(
      'migrations',
      ({ plugin }) => migrateUp(owner, migrationSource(plugin), log),
      (plugin) => (builtIn.has(plugin) ? Number.POSITIVE_INFINITY : phaseTimeout),
    );
    await phase('after migrations', async ({ plugin: { definition }, config }) => {
      if (!definition.afterMigrations) return;
      await underMigrationLock(owner, (query) => definition.afterMigrations?.(query, config as never));
    });
    await grantToApplication(owner, db);
  }
  for (const { plugin } of running.values()) {
    for (const [name, schema] of Object.entries(plugin.definition.events ?? {})) {
      events.declare(name, schema as never);
    }
    Object.assign(constraints, plugin.definition.constraints);
  }
  await phase('set-up', async (entry) => {
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
      events,
      jobs,
      extensions,
      isOpen: () => !booted && !troubles.has(plugin),
      registry: () => {
        if (!booted) throw new Error(`${plugin.name}: the registry is complete once the start is over.`);
        return registry;
      },
    });
    entry.api = await plugin.definition.setup(context);
  });
  await keepRules();
  const permissions = new Set([
    ...Object.keys(jobPermissions),
    ...[...running.values()].flatMap(({ plugin }) => Object.keys(plugin.definition.permissions ?? {})),
  ]);
  const statuses = () => Promise.all(registry.plugins.map((status) => withHealth(status, checksOf(status))));
  const ownRoutes = [...pluginRoutes(statuses), ...jobRoutes(jobs, runAlone)];
  checkRoutes(kernel, ownRoutes, permissions, claims);
  await phase('routes', (entry) => {
    const routes = withBulkRoutes(entry.plugin.definition.routes?.(entry.api as never) ?? []);
    checkRoutes(entry.plugin, routes, permissions, claims);
    entry.routes = routes;
  });
  const ownJobs = kernelJobs(runAlone);
  checkJobs(kernel, ownJobs, claims);
  await phase('jobs', (entry) => {
    const brought = entry.plugin.definition.jobs?.(entry.api as never) ?? [];
    checkJobs(entry.plugin, brought, claims);
    entry.jobs = brought;
  });
  await phase('metrics', (entry) => {
    const metrics = entry.plugin.definition.metrics?.(entry.api as never) ?? {};
    checkMetrics(entry.plugin, metrics, claims);
    entry.metrics = metrics;
  });
  booted = true;

  const fates = all.map((plugin) => ({
    name: plugin.name,
    version: plugin.definition.version,
    state: troubles.get(plugin)?.state ?? ('running' as const),
    why: troubles.get(plugin)?.why ?? null,
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
