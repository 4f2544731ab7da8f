import type { Model, ModelStatic } from 'sequelize';
import type { z } from 'zod';
import type { PermissionEntry } from '../auth/principal.ts';
import type { Sealer } from '../auth/sealer.ts';
import type { IssueToken } from '../auth/tokens.ts';
import type { RunAhead } from '../db/ahead.ts';
import type { Database, RunQuery } from '../db/database.ts';
import type { ConstraintTable } from '../db/failures.ts';
import type { ModelDefinition } from '../db/model.ts';
import type { Transact, Tx } from '../db/transaction.ts';
import type { ProblemKind } from '../errors/problem.ts';
import type { Route } from '../http/route.ts';
import type { Job } from '../jobs/job.ts';
import type { PluginJobs } from '../jobs/jobs.ts';
import type { Log } from '../log/log.ts';
import type { Metric } from '../metrics/metric.ts';
import type { AdminView } from './admin-view.ts';
import type { ExtensionPoint } from './extension.ts';
import type { Registry } from './registry.ts';

/** The version of this contract; a plugin's `engine` is a semver range on it. */
export const kernelVersion = '1.0.0';

type Schemas = Record<string, z.ZodType>;
/** Without settings zod would say `Record<string, never>`, which lets any key through. */
type Settings<Config extends z.ZodObject> = keyof Config['shape'] extends never
  ? Record<never, never>
  : z.output<Config>;
type Payload<Events, Name extends keyof Events> = Events[Name] extends z.ZodType
  ? z.input<Events[Name]>
  : never;
type Received<Events, Name extends keyof Events> = Events[Name] extends z.ZodType
  ? z.output<Events[Name]>
  : never;

type ApisOf<Requires extends readonly AnyPlugin[]> = {
  readonly [P in Requires[number] as P['name']]: P extends Plugin<string, infer Api> ? Api : never;
};
type EventsOf<Requires extends readonly AnyPlugin[]> = UnionToIntersection<
  Requires[number] extends infer P
    ? P extends Plugin<string, unknown, infer Events>
      ? Events
      : never
    : never
>;
type PermissionsOf<Requires extends readonly AnyPlugin[]> = Requires[number] extends infer P
  ? P extends Plugin<string, unknown, Schemas, infer Permission>
    ? Permission
    : never
  : never;
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never;
type KnownEvents<Events, Requires extends readonly AnyPlugin[]> = Requires extends readonly []
  ? Events
  : Events & EventsOf<Requires>;

type BoundModels<Models> = {
  readonly [K in keyof Models]: Models[K] extends ModelDefinition<infer M> ? ModelStatic<M> : never;
};
type ColumnOf<Definition> =
  Definition extends ModelDefinition<infer M extends Model> ? Extract<keyof M['_attributes'], string> : never;

/** What a plugin is given: everything it may use, and nothing else. */
export interface PluginContext<Config, Models, Events, Requires extends readonly AnyPlugin[]> {
  readonly config: Config;
  readonly models: BoundModels<Models>;
  readonly plugins: ApisOf<Requires>;
  readonly db: Pick<Database, 'query' | 'withConnection'> & {
    /** A statement that others need not wait for while it is brought to disk. */
    readonly queryAhead: RunAhead;
  };
  readonly transact: Transact;
  readonly log: Log;
  readonly clock: () => Date;
  readonly issueToken: IssueToken;
  /** Seals with AUDIT_KEY, which no plugin sees; undefined where there is none. */
  readonly sealer: Sealer | undefined;
  /** Announces an event of this plugin inside the writing transaction. */
  emit<Name extends keyof Events & string>(tx: Tx, name: Name, payload: Payload<Events, Name>): Promise<void>;
  /** False where nobody listens to an event of this plugin, so that nothing need be prepared for it. */
  isHeard(name: keyof Events & string): boolean;
  /** Runs inside the transaction that emits; throwing undoes the write. */
  on<Name extends keyof KnownEvents<Events, Requires> & string>(
    name: Name,
    hook: (tx: Tx, payload: Received<KnownEvents<Events, Requires>, Name>) => Promise<void>,
  ): void;
  /** Runs after commit, at least once, retried with back-off until it succeeds; `subscriber` names it for ever. */
  subscribe<Name extends keyof KnownEvents<Events, Requires> & string>(
    name: Name,
    subscriber: string,
    deliver: (payload: Received<KnownEvents<Events, Requires>, Name>) => Promise<void>,
  ): void;
  /** Fills an extension point of the kernel or of a plugin. */
  extend<T>(point: ExtensionPoint<T>, value: T): void;
  /** What fills an extension point; complete once every plugin is set up. */
  extensions<T>(point: ExtensionPoint<T>): readonly T[];
  /** Enqueues this plugin's jobs; possible once the start is over. */
  readonly jobs: PluginJobs;
  /** Everything the running plugins brought, for what works for all of them; throws until the start is over. */
  registry(): Registry;
}

/** The one object that says what a plugin is. */
export interface PluginDefinition<
  Name extends string,
  Requires extends readonly AnyPlugin[],
  Config extends z.ZodObject,
  Models extends Record<string, ModelDefinition>,
  Permissions extends Record<string, PermissionEntry>,
  Events extends Schemas,
  Api,
> {
  name: Name;
  version: string;
  /** The kernel versions it was made for, as a semver range. */
  engine: string;
  summary: string;
  requires?: Requires;
  /** Read from `CADASTRE_<PLUGIN>_<KEY>`. */
  config?: Config;
  models?: Models;
  migrations?: URL;
  /** What it sets up as the owner of its tables, each time that all is migrated, one process at a time; under MIGRATE=off never. */
  afterMigrations?(query: RunQuery, config: Settings<Config>): Promise<unknown>;
  permissions?: Permissions;
  events?: Events;
  errors?: Record<string, ProblemKind>;
  /** What the constraints of its tables mean to a person. */
  constraints?: ConstraintTable;
  admin?: { [K in keyof Models]?: AdminView<ColumnOf<Models[K]>> };
  /** Its result is what plugins that require this one get. */
  setup(ctx: PluginContext<Settings<Config>, Models, Events, Requires>): Api | Promise<Api>;
  routes?(
    api: NoInfer<Api>,
  ): readonly Route<
    'public' | 'signed-in' | (keyof NoInfer<Permissions> & string) | PermissionsOf<NoInfer<Requires>>
  >[];
  /** What it does by the clock or from a queue, each made by `job`. */
  jobs?(api: NoInfer<Api>): readonly Job[];
  /** How many runs of its queued jobs one process works at once, all jobs together; 10 unless told. */
  concurrency?: number;
  /** What it shows at `/metrics`, by name. */
  metrics?(api: NoInfer<Api>): Readonly<Record<string, Metric>>;
  health?(api: NoInfer<Api>): Record<string, () => Promise<void>>;
}

declare const apiType: unique symbol;

/** A defined plugin; the type parameters are what others may infer from it. */
export interface Plugin<
  Name extends string = string,
  Api = unknown,
  Events extends Schemas = Schemas,
  Permission extends string = string,
> {
  readonly name: Name;
  readonly definition: AnyDefinition;
  readonly [apiType]?: { api: Api; events: Events; permission: Permission };
}

// biome-ignore lint/suspicious/noExplicitAny: the host keeps plugins of every type in one list
export type AnyPlugin = Plugin<string, any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
export type AnyDefinition = PluginDefinition<string, readonly AnyPlugin[], any, any, any, any, any>;

/** Declares a plugin. Everything is inferred: a wrong column, event, permission or undeclared dependency does not compile. */
export function definePlugin<
  const Name extends string,
  Api,
  const Requires extends readonly AnyPlugin[] = readonly [],
  Config extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Models extends Record<string, ModelDefinition> = Record<never, never>,
  const Permissions extends Record<string, PermissionEntry> = Record<never, never>,
  Events extends Schemas = Record<never, never>,
>(
  definition: PluginDefinition<Name, Requires, Config, Models, Permissions, Events, Api>,
): Plugin<Name, Api, Events, keyof Permissions & string> {
  return Object.freeze({ name: definition.name, definition: definition as unknown as AnyDefinition });
}
