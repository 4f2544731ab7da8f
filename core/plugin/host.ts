import type { ModelStatic } from 'sequelize';
import type { PermissionEntry } from '../auth/principal.ts';
import type { IssueToken } from '../auth/tokens.ts';
import type { Database } from '../db/database.ts';
import type { ConstraintTable } from '../db/failures.ts';
import { type MigrationSource, migrateUp, pendingMigrations } from '../db/migrate.ts';
import { bindModel, type ModelDefinition } from '../db/model.ts';
import { createTransact, type Transact } from '../db/transaction.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { ProblemKind } from '../errors/problem.ts';
import { createEvents, type Events } from '../events/outbox.ts';
import type { Route } from '../http/route.ts';
import type { Log } from '../log/log.ts';
import { Claims, checkPlugin, checkRoutes, incompatibility, inLoadOrder } from './check.ts';
import { parsePluginConfig } from './config.ts';
import type { AnyPlugin, Plugin, PluginContext } from './define.ts';
import type { ExtensionPoint } from './extension.ts';
import { pluginRoutes } from './plugin-routes.ts';
import type { PluginStatus, RegisteredModel, Registry } from './registry.ts';

export interface HostOptions {
  /** Ours: one that fails stops the boot. */
  builtIn: readonly AnyPlugin[];
  /** Third parties': one that fails is set aside with a reason, unless `strict`. */
  external?: readonly AnyPlugin[];
  /** External plugins that could not even be loaded, with why. */
  unloadable?: readonly { name: string; why: string }[];
  strict?: boolean;
  db: Database;
  env: NodeJS.ProcessEnv;
  log: Log;
  issueToken: IssueToken;
  clock?: () => Date;
  /** `off`: refuse to start when migrations are pending, instead of applying them. */
  migrate?: 'auto' | 'off';
  /** The longest that one plugin may take for one phase, in milliseconds. */
  phaseTimeout?: number;
}

/** A booted set of plugins. */
export interface Host {
  readonly registry: Registry;
  readonly transact: Transact;
  readonly events: Events;
  extensions<T>(point: ExtensionPoint<T>): readonly T[];
  /** What a plugin's `setup` returned; throws where it does not run. */
  api<Api>(plugin: Plugin<string, Api>): Api;
  /** Readiness checks of the built-in plugins, by `plugin.check`: a third party's must not take the register down. */
  healthChecks(): Record<string, () => Promise<void>>;
}

interface Running {
  plugin: AnyPlugin;
  config: unknown;
  models: Record<string, ModelStatic<never>>;
  api: unknown;
  routes: readonly Route[];
}

/** Boots plugins: check → order → settings → models → migrations → set-up → routes; then the registry is frozen. */
export async function bootHost(options: HostOptions): Promise<Host> {
  const { db, env, log, clock = () => new Date(), strict = false, phaseTimeout = 60_000 } = options;
  const builtIn = new Set(options.builtIn);
  const claims = new Claims();
  const failures = new Map<AnyPlugin, Pick<PluginStatus, 'state' | 'why'>>();
  const extensions = new Map<ExtensionPoint<unknown>, { owner: string; value: unknown }[]>();
  const constraints: ConstraintTable = {};
  const events = createEvents(db, log);
  const transact = createTransact(db, constraints);
  const running = new Map<string, Running>();

  function setAside(plugin: AnyPlugin, state: 'incompatible' | 'failed', why: string): void {
    if (builtIn.has(plugin) || strict) throw new Error(`The plugin ${plugin.name} is ${state}: ${why}`);
    log.error({ plugin: plugin.name, state, why }, 'plugin set aside');
    failures.set(plugin, { state, why });
    claims.release(plugin.name);
    running.delete(plugin.name);
    for (const [point, filled] of extensions) {
      extensions.set(point, filled.filter(({ owner }) => owner !== plugin.name));
    }
  }

  async function phase(name: string, plugins: readonly AnyPlugin[], work: (plugin: AnyPlugin) => Promise<void> | void) {
    for (const plugin of plugins) {
      if (failures.has(plugin)) continue;
      const broken = (plugin.definition.requires ?? []).find((required) => failures.has(required));
      if (broken) {
        setAside(plugin, 'failed', `it requires ${broken.name}, which is ${failures.get(broken)?.state}`);
        continue;
      }
      try {
        await withTimeout(Promise.resolve().then(() => work(plugin)), phaseTimeout, `${name} took over ${phaseTimeout} ms`);
      } catch (fault) {
        setAside(plugin, 'failed', `${name}: ${(fault as Error).message}`);
      }
    }
  }

  const all = [...options.builtIn, ...(options.external ?? [])];
  await phase('check', all, (plugin) => {
    checkPlugin(plugin, claims);
    const why = incompatibility(plugin);
    if (why) setAside(plugin, 'incompatible', why);
  });
  await phase('order', all, (plugin) => void inLoadOrder(withRequired(plugin, all)));
  const ordered = inLoadOrder(all.filter((plugin) => !failures.has(plugin)));

  await phase('settings', ordered, (plugin) => {
    const config = parsePluginConfig(plugin.name, plugin.definition.config, env);
    running.set(plugin.name, { plugin, config, models: {}, api: undefined, routes: [] });
  });
  await phase('models', ordered, (plugin) => {
    for (const [name, definition] of Object.entries(plugin.definition.models ?? {})) {
      runningOf(plugin).models[name] = bindModel(definition as ModelDefinition, db.sequelize) as ModelStatic<never>;
    }
  });
  if (options.migrate === 'off') {
    const pending = await pendingMigrations(db, ordered.flatMap(migrationSource));
    if (pending.length > 0) {
      throw new Error(`The database is behind by ${pending.length} migrations (${pending.join(', ')}) and MIGRATE=off: run "cadastre migrate".`);
    }
  } else {
    await migrateUp(db, [], log);
    await phase('migrations', ordered, async (plugin) => void (await migrateUp(db, migrationSource(plugin), log)));
  }
  for (const plugin of ordered) {
    for (const [name, schema] of Object.entries(plugin.definition.events ?? {})) events.declare(name, schema as never);
    Object.assign(constraints, plugin.definition.constraints);
  }
  await phase('set-up', ordered, async (plugin) => {
    runningOf(plugin).api = await plugin.definition.setup(contextFor(plugin));
  });
  const permissions = new Map<string, PermissionEntry>();
  for (const { plugin } of running.values()) {
    for (const [name, entry] of Object.entries(plugin.definition.permissions ?? {})) {
      permissions.set(name, entry as PermissionEntry);
    }
  }
  await phase('routes', ordered, (plugin) => {
    const routes = plugin.definition.routes?.(runningOf(plugin).api) ?? [];
    checkRoutes(plugin.name, routes, new Set(permissions.keys()), claims);
    runningOf(plugin).routes = routes;
  });

  function runningOf(plugin: AnyPlugin): Running {
    const entry = running.get(plugin.name);
    if (!entry) throw new Error(`${plugin.name} is not running`);
    return entry;
  }

  function contextFor(plugin: AnyPlugin): PluginContext<never, never, never, never> {
    const { config, models } = runningOf(plugin);
    const required = (plugin.definition.requires ?? []).map(({ name }) => [name, running.get(name)?.api]);
    const own = new Set(Object.keys(plugin.definition.events ?? {}));
    return {
      config,
      models,
      plugins: Object.freeze(Object.fromEntries(required)),
      db: { query: db.query, withConnection: db.withConnection },
      transact,
      log: log.child({ plugin: plugin.name }),
      clock,
      issueToken: options.issueToken,
      emit: (tx: never, name: string, payload: unknown) => {
        if (!own.has(name)) throw new Error(`${plugin.name} does not declare the event ${name}.`);
        return events.emit(tx, name, payload);
      },
      on: events.hook,
      subscribe: (name: string, subscriber: string, deliver: never) =>
        events.subscribe(name, `${plugin.name}/${subscriber}`, deliver),
      extend: (point: ExtensionPoint<unknown>, value: unknown) => {
        extensions.set(point, [...(extensions.get(point) ?? []), { owner: plugin.name, value }]);
      },
      extensions: extensionsOf,
    } as never;
  }

  function extensionsOf<T>(point: ExtensionPoint<T>): readonly T[] {
    return (extensions.get(point) ?? []).map(({ value }) => value as T);
  }

  /** Degraded is a running plugin whose own health check fails just now. */
  async function withHealth(status: PluginStatus): Promise<PluginStatus> {
    const { plugin, api } = running.get(status.name) ?? {};
    for (const [name, check] of Object.entries(plugin?.definition.health?.(api) ?? {})) {
      try {
        await withTimeout(check(), 2_000, 'no answer within 2 s');
      } catch (fault) {
        return { ...status, state: 'degraded', why: `${name}: ${(fault as Error).message}` };
      }
    }
    return status;
  }

  const statuses: readonly PluginStatus[] = Object.freeze([
    ...all.map((plugin) => ({
      name: plugin.name,
      version: plugin.definition.version,
      state: failures.get(plugin)?.state ?? ('running' as const),
      why: failures.get(plugin)?.why ?? null,
      summary: plugin.definition.summary,
      builtIn: builtIn.has(plugin),
    })),
    ...(options.unloadable ?? []).map(({ name, why }) => ({
      name,
      version: '0.0.0',
      state: 'failed' as const,
      why,
      summary: '',
      builtIn: false,
    })),
  ]);
  const live = [...running.values()];
  const registry: Registry = Object.freeze({
    plugins: statuses,
    models: Object.freeze(live.flatMap(registeredModels)),
    routes: Object.freeze([...pluginRoutes(() => Promise.all(statuses.map(withHealth))), ...live.flatMap(({ routes }) => routes)]),
    permissions,
    errors: Object.freeze([
      ...Object.values(kernelErrors),
      ...live.flatMap(({ plugin }) => Object.values(plugin.definition.errors ?? {}) as ProblemKind[]),
    ]),
  });
  return {
    registry,
    transact,
    events,
    extensions: extensionsOf,
    api: (plugin) => runningOf(plugin).api as never,
    healthChecks: () =>
      Object.fromEntries(
        live.filter(({ plugin }) => builtIn.has(plugin)).flatMap(({ plugin, api }) =>
          Object.entries(plugin.definition.health?.(api) ?? {}).map(([name, check]) => [`${plugin.name}.${name}`, check]),
        ),
      ) as Record<string, () => Promise<void>>,
  };
}

function registeredModels({ plugin, models }: Running): RegisteredModel[] {
  return Object.entries(models).map(([name, model]) => ({
    name,
    owner: plugin.name,
    definition: plugin.definition.models?.[name],
    model,
    admin: plugin.definition.admin?.[name],
  }));
}

function migrationSource(plugin: AnyPlugin): MigrationSource[] {
  const { migrations } = plugin.definition;
  return migrations ? [{ owner: plugin.name, folder: migrations }] : [];
}

/** The plugin and everything it needs, for checking its part of the order alone. */
function withRequired(plugin: AnyPlugin, all: readonly AnyPlugin[]): AnyPlugin[] {
  const wanted = new Set<AnyPlugin>();
  const add = (each: AnyPlugin) => {
    if (wanted.has(each)) return;
    wanted.add(each);
    for (const required of each.definition.requires ?? []) if (all.includes(required)) add(required);
  };
  add(plugin);
  return [...wanted];
}

function withTimeout<T>(work: Promise<T>, milliseconds: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
