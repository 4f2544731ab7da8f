// The public door: everything a plugin may use, and nothing else.
export {
  type AccessClaims,
  type PrincipalSource,
  principalSources,
  tokenRules,
} from './auth/authenticate.ts';
export { type Caller, callerOf } from './auth/caller.ts';
export type { Permissions } from './auth/permissions.ts';
export { type PermissionEntry, type Principal, type Role, roles } from './auth/principal.ts';
export { type SignIns, signIns } from './auth/sign-in.ts';
export { coalesce } from './db/coalesce.ts';
export { type Database, named, type RunQuery, runOn, type Statement } from './db/database.ts';
export type { ConstraintTable, PostgresFault } from './db/failures.ts';
export { defineModel } from './db/model.ts';
export type { Transact, Tx } from './db/transaction.ts';
export { kernelErrors } from './errors/kernel-errors.ts';
export { defineErrors, type FieldError, Problem, type ProblemKind } from './errors/problem.ts';
export { deepestJson, jsonParser, largestBody, nestsTooDeep, readWith } from './http/body.ts';
export { type Refused, refusedList } from './http/bulk.ts';
export {
  Bindings,
  booleanFilters,
  choiceFilters,
  exactNetworkFilters,
  type Filter,
  integerFilters,
  labelFilters,
  literally,
  networkFilters,
  numberFilters,
  referenceFilters,
  runFilters,
  textFilters,
  timeFilters,
} from './http/filters.ts';
export { keepAnswer, keptAnswer, keyReused } from './http/idempotency.ts';
export { type Include, includeById, type ListExtension, listExtensions } from './http/include.ts';
export type { CreateRateLimit } from './http/limit.ts';
export { type Listing, listing, type Page } from './http/listing.ts';
export type { Panel, PanelKernel } from './http/panel.ts';
export type { Invoke } from './http/pipeline.ts';
export type { IdempotencyKey } from './http/request.ts';
export { type Route, type RouteRequest, route } from './http/route.ts';
export { idParams, metadataField, tagsField, timestamps } from './http/schemas.ts';
export { invalidRequest } from './http/validate.ts';
export { type Job, type JobRun, job } from './jobs/job.ts';
export type { Log } from './log/log.ts';
export type { Metric, MetricSample } from './metrics/metric.ts';
export { type CardContent, type DashboardCard, dashboardCards } from './plugin/dashboard.ts';
export { definePlugin, kernelVersion, type PluginContext } from './plugin/define.ts';
export { type ExtensionPoint, extensionPoint } from './plugin/extension.ts';
export type { RegisteredModel, Registry } from './plugin/registry.ts';
