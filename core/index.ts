// The public door: everything a plugin may use, and nothing else.
export {
  type AccessClaims,
  type GrantSource,
  grantSources,
  type PrincipalSource,
  principalSources,
} from './auth/authenticate.ts';
export { type Caller, callerOf } from './auth/caller.ts';
export type { Confinement, Permissions } from './auth/permissions.ts';
export {
  type Branch,
  commonRole,
  covers,
  type Grant,
  type PermissionEntry,
  type Principal,
  type Role,
  roles,
} from './auth/principal.ts';
export type { Sealer } from './auth/sealer.ts';
export { type SignIns, signIns } from './auth/sign-in.ts';
export { type HeldToken, type TokenSource, tokenSources } from './auth/token-source.ts';
export { tokenRules } from './auth/tokens.ts';
export { coalesce } from './db/coalesce.ts';
export { type Database, named, type RunQuery, runOn, type Statement } from './db/database.ts';
export type { ConstraintTable, PostgresFault } from './db/failures.ts';
export { defineModel } from './db/model.ts';
export type { SearchFact } from './db/search-fact.ts';
export { carriedBy, type Transact, type Tx } from './db/transaction.ts';
export type { TableTrigger } from './db/triggers.ts';
export { canonicalAddress } from './db/types.ts';
export { kernelErrors } from './errors/kernel-errors.ts';
export { defineErrors, type FieldError, Problem, type ProblemKind } from './errors/problem.ts';
export { type NotifiableEvent, notifiable, notifiableEvents } from './events/notifiable.ts';
export { deepestJson, jsonParser, largestBody, nestsTooDeep, readWith } from './http/body.ts';
export { type Refused, refusedList } from './http/bulk.ts';
export { canonical, type Read } from './http/canonical.ts';
export { decodeCursor, encodeCursor } from './http/cursor.ts';
export {
  Bindings,
  booleanFilters,
  choiceFilters,
  dayFilters,
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
export { macField, readMac } from './http/mac.ts';
export { type OpenFilters, openFilters } from './http/open-filters.ts';
export type { Panel, PanelKernel } from './http/panel.ts';
export type { Invoke } from './http/pipeline.ts';
export type { IdempotencyKey } from './http/request.ts';
export { type Route, type RouteRequest, route, stream } from './http/route.ts';
export { formatRuns, type Run, readRuns } from './http/runs.ts';
export {
  idParams,
  metadataField,
  queryInteger,
  tagsField,
  timestamps,
} from './http/schemas.ts';
export { Faults, invalidRequest } from './http/validate.ts';
export { type Job, type JobRun, job, type QueuedJob, type QueuedRun } from './jobs/job.ts';
export type { Enqueued, EnqueueOptions, PluginJobs } from './jobs/jobs.ts';
export { type JobRunView, jobRun } from './jobs/list.ts';
export type { Log } from './log/log.ts';
export type { Metric, MetricSample } from './metrics/metric.ts';
export type { ComparedLine } from './plugin/admin-view.ts';
export { type CardContent, type DashboardCard, dashboardCards } from './plugin/dashboard.ts';
export { type Deed, permissionFor, recordRoutes } from './plugin/deeds.ts';
export { definePlugin, kernelVersion, type PluginContext } from './plugin/define.ts';
export { type ExtensionPoint, extensionPoint } from './plugin/extension.ts';
export { type FormField, type FormFields, formFields } from './plugin/form-fields.ts';
export { type LabelColors, labelColors } from './plugin/labels.ts';
export { type FoundRecord, type PanelSearch, panelSearch } from './plugin/panel-search.ts';
export {
  type ForeignAction,
  type RecordAction,
  recordActions,
  type ShownFacts,
  type ShownRow,
} from './plugin/record-actions.ts';
export { type RecordFact, type RecordFacts, recordFacts } from './plugin/record-facts.ts';
export type { RegisteredModel, Registry } from './plugin/registry.ts';
export { type Restored, type Restorer, restorers } from './plugin/restore.ts';
export { type RuledTables, type TableRule, tableRules } from './plugin/table-rules.ts';
export {
  type CustomValue,
  choiceColumn,
  commonBody,
  commonColumns,
  commonListing,
  commonSchema,
  customFieldsField,
  idColumn,
  RecordModel,
  referenceColumn,
  StampedModel,
  stampColumns,
  stampListing,
} from './resource/common.ts';
export type { Field, Fields, ReferenceField } from './resource/field.ts';
export { field } from './resource/fields.ts';
export { type Resource, resource } from './resource/resource.ts';
export type { Overrides } from './resource/routes.ts';
export type { Guard, Hooks, RecordService, Written } from './resource/service.ts';
export type { NewOf, PatchOf, RecordOf, ValuesOf } from './resource/shapes.ts';
export { resolveReferences, type Target } from './resource/target.ts';
export {
  assignmentOf,
  commonAssigned,
  commonInserted,
  commonValues,
  valuesOnly,
} from './resource/writing.ts';
