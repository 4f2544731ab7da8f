import type { Sealer } from '../auth/sealer.ts';
import type { IssueToken } from '../auth/tokens.ts';
import type { RunAhead } from '../db/ahead.ts';
import type { Database, RunQuery } from '../db/database.ts';
import type { Transact } from '../db/transaction.ts';
import type { Events } from '../events/outbox.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Log } from '../log/log.ts';
import type { AnyPlugin, PluginContext } from './define.ts';
import type { ExtensionPoint, Extensions } from './extension.ts';
import type { Registry } from './registry.ts';

interface ContextParts {
  plugin: AnyPlugin;
  config: unknown;
  models: object;
  /** What the plugins it requires offer, by name. */
  plugins: Record<string, unknown>;
  db: Database;
  transact: Transact;
  /** One statement that is a transaction of its own. */
  runAlone: RunQuery;
  runAhead: RunAhead;
  log: Log;
  clock: () => Date;
  issueToken: IssueToken;
  sealer: Sealer | undefined;
  events: Events;
  jobs: Jobs;
  extensions: Extensions;
  /** False once the plugin was set aside or the boot is over: then nothing more is registered. */
  isOpen: () => boolean;
  registry: () => Registry;
}

/** Makes what one plugin's `setup` is given; `define.ts` has its types, inferred from the manifest. */
export function createContext(parts: ContextParts): PluginContext<never, never, never, never> {
  const { plugin, config, models, plugins, db, transact, log, clock, issueToken, events, extensions } = parts;
  const owner = plugin.name;
  const declared = new Set(Object.keys(plugin.definition.events ?? {}));

  function registering(what: string): void {
    if (!parts.isOpen()) throw new Error(`${owner}: ${what} is possible during set-up only.`);
  }

  const context = {
    config,
    models,
    plugins: Object.freeze(plugins),
    db: Object.freeze({
      query: parts.runAlone,
      queryAhead: parts.runAhead,
      withConnection: db.withConnection,
    }),
    transact,
    log: log.child({ plugin: owner }),
    clock,
    issueToken,
    sealer: parts.sealer,
    emit: async (tx: never, name: string, payload: unknown) => {
      if (!declared.has(name)) throw new Error(`${owner} does not declare the event ${name}.`);
      await events.emit(tx, name, payload);
    },
    isHeard: (name: string) => events.isHeard(name),
    on: (name: string, hook: never) => {
      registering('on');
      events.hook(owner, name, hook);
    },
    subscribe: (name: string, subscriber: string, deliver: never) => {
      registering('subscribe');
      events.subscribe(owner, name, subscriber, deliver);
    },
    extend: (point: ExtensionPoint<unknown>, value: unknown) => {
      registering('extend');
      extensions.fill(owner, point, value);
    },
    extensions: (point: ExtensionPoint<unknown>) => extensions.of(point),
    jobs: parts.jobs.of(owner),
    registry: parts.registry,
  };
  return Object.freeze(context) as never;
}
