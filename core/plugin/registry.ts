import type { ModelStatic } from 'sequelize';
import type { PermissionEntry } from '../auth/principal.ts';
import type { ModelDefinition } from '../db/model.ts';
import type { ProblemKind } from '../errors/problem.ts';
import type { Route } from '../http/route.ts';
import type { Job } from '../jobs/job.ts';
import type { Metric } from '../metrics/metric.ts';
import type { AdminView } from './admin-view.ts';

export type PluginState = 'running' | 'incompatible' | 'failed' | 'degraded';

/** What became of one plugin. */
export interface PluginStatus {
  name: string;
  version: string;
  state: PluginState;
  /** Why it is not running; null where it is. */
  why: string | null;
  summary: string;
  builtIn: boolean;
}

/** A model with its owner and how the panel shows it. */
export interface RegisteredModel {
  name: string;
  owner: string;
  definition: ModelDefinition;
  model: ModelStatic<never>;
  admin: AdminView<string> | undefined;
}

/** Everything the running plugins brought; frozen once the host is ready. */
export interface Registry {
  readonly plugins: readonly PluginStatus[];
  readonly models: readonly RegisteredModel[];
  readonly routes: readonly Route[];
  readonly permissions: ReadonlyMap<string, PermissionEntry>;
  readonly errors: readonly ProblemKind[];
  /** By full name, `plugin.job`. */
  readonly jobs: ReadonlyMap<string, Job>;
  readonly metrics: ReadonlyMap<string, Metric>;
}
