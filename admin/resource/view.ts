import {
  type Confinement,
  type Deed,
  type ForeignAction,
  kernelErrors,
  type Permissions,
  type Principal,
  type RegisteredModel,
  type Registry,
  type Route,
  recordRoutes,
} from '#core';
import { type Beside, besideOf, titleOf } from './beside.ts';
import { type Column, columnsOf } from './columns.ts';
import { type RemovalChoice, removalChoices } from './removal-choices.ts';
import { type ViewAction, viewActions } from './view-actions.ts';

/** A field of a form that is no column: a password, which only goes in. */
export interface ExtraField {
  name: string;
  kind: 'password';
}

type AdminEntry = NonNullable<RegisteredModel['admin']>;

/** How the panel shows one model, and through which routes it writes. */
export interface ResourceView {
  name: string;
  /** Quoted. */
  table: string;
  tableName: string;
  id: Column;
  columns: ReadonlyMap<string, Column>;
  title: string;
  /** What is told with the title; empty where the title tells a record from others. */
  beside: readonly Beside[];
  list: readonly string[];
  show: readonly string[];
  filter: readonly string[];
  /** How a list is ordered at first. */
  order: { by: string; descending: boolean };
  /** Undefined: by any column that it shows. */
  orderedBy: ReadonlySet<string> | undefined;
  foremost: { column: Column; value: string } | undefined;
  compare: AdminEntry['compare'];
  tables: NonNullable<AdminEntry['tables']>;
  spans: NonNullable<AdminEntry['spans']>;
  progress: AdminEntry['progress'];
  historyOf: { entity: string; id: string } | undefined;
  actions: readonly ViewAction[];
  /** What its records are called in the registry. */
  entity: string;
  /** Whether what becomes of its records is kept. */
  isAudited: boolean;
  /** The fields of the form for a new record, and of that for an existing one. */
  create: readonly string[];
  change: readonly string[];
  extra: readonly ExtraField[];
  /** The fields that a new record cannot do without. */
  required: ReadonlySet<string>;
  version: Column | undefined;
  routes: Partial<Record<Deed, Route>>;
  /** What whoever deletes a record may have to choose. */
  removal: readonly RemovalChoice[];
  group: string;
  icon: string;
  /** Whether somebody may do it with some of the records at least. */
  may(principal: Principal, deed: Deed): boolean;
  /** Throws 403 where nobody lets them; answers where alone they may, undefined for everywhere. */
  demand(principal: Principal, deed: Deed): Confinement | undefined;
}

/** Columns that every record keeps by itself: shown, but in no form. */
const kept = new Set(['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy']);
const longKinds = new Set(['json', 'fields', 'runs', 'labels']);
const listed = 6;

interface Field {
  safeParse(value: unknown): { success: boolean; data?: unknown };
}

/** The fields of a route's body; undefined where it has none, or no fields. */
function bodyFields(route: Route | undefined): Map<string, Field> | undefined {
  const shape = (route?.body as { shape?: Record<string, Field> } | undefined)?.shape;
  return shape && new Map(Object.entries(shape));
}

/** What must be filled in: what the route's body demands or, without a route, what the table does. */
function requiredOf(route: Route | undefined, columns: ResourceView['columns']): Set<string> {
  const fields = bodyFields(route);
  const names = fields
    ? [...fields].filter(([, field]) => !field.safeParse(undefined).success).map(([name]) => name)
    : [...columns.values()].filter(({ required }) => required).map(({ name }) => name);
  return new Set(names);
}

/** Takes a model's `admin` entry, its columns, its routes and other plugins' buttons together; undefined for a model without a single primary key. */
export function viewOf(
  registered: RegisteredModel,
  registry: Registry,
  permissions: Permissions,
  foreign: readonly ForeignAction[] = [],
): ResourceView | undefined {
  const { name, definition, admin = {} } = registered;
  const columns = columnsOf(registered);
  const ids = [...columns.values()].filter(({ kind }) => kind === 'id');
  const [id] = ids;
  if (!id || ids.length > 1) return undefined;

  const known = (names: readonly string[] | undefined) => names?.filter((each) => columns.has(each));
  const all = [...columns.keys()];
  const derived = new Set<string>(definition.derived);
  const routes = recordRoutes(admin.rest, registry);
  const writable = known(admin.edit) ?? all.filter((each) => !kept.has(each) && !derived.has(each));
  const form = (deed: 'create' | 'change') => {
    if (admin.rest === undefined) return writable;
    const fields = bodyFields(routes[deed]);
    // A box that is ticked unless said otherwise would stand there unticked.
    const isTicked = (each: string) =>
      deed === 'create' && fields?.get(each)?.safeParse(undefined).data === true;
    return writable.filter((each) => fields?.has(each) && !isTicked(each));
  };
  const extra: ExtraField[] = bodyFields(routes.create)?.has('password')
    ? [{ name: 'password', kind: 'password' }]
    : [];
  /** The permission of a deed; undefined where the plugin names none. */
  function permissionOf(deed: Deed): string | undefined {
    if (admin.rest !== undefined) return routes[deed]?.permission;
    return deed === 'read' ? admin.read : admin.write;
  }
  const isForAdmins = ({ role }: Principal) => admin.rest === undefined && role === 'admin';

  const actions = viewActions(registered, registry.routes, foreign);
  const title = titleOf(admin.title, columns) ?? id.name;
  const by = admin.order?.replace(/^-/, '');

  return {
    name,
    table: `"${definition.table}"`,
    tableName: definition.table,
    id,
    columns,
    title,
    beside: besideOf(registered, columns, registry),
    list:
      known(admin.list) ??
      all.filter((each) => !kept.has(each) && !longKinds.has(columns.get(each)?.kind ?? '')).slice(0, listed),
    show: known(admin.show) ?? all,
    filter: known(admin.filter) ?? all.filter((each) => each !== 'version'),
    order: { by: by ?? title, descending: admin.order?.startsWith('-') ?? false },
    orderedBy: by === undefined ? undefined : new Set([by]),
    foremost: foremostOf(admin, columns),
    compare: admin.compare,
    tables: admin.tables ?? {},
    spans: admin.spans ?? {},
    progress: admin.progress,
    historyOf: admin.historyOf,
    actions,
    entity: definition.entity,
    isAudited: definition.audited,
    create: [...form('create'), ...extra.map((field) => field.name)],
    change: form('change'),
    extra,
    required: requiredOf(routes.create, columns),
    version: columns.get('version'),
    routes,
    removal: removalChoices(routes.remove),
    group: admin.group ?? 'Plugins',
    icon: admin.icon ?? 'Archive',
    may(principal, deed) {
      // Where a plugin leaves nothing to fill in, there is no form.
      if ((deed === 'create' || deed === 'change') && admin.edit?.length === 0) return false;
      // A button of the plugin's own that calls the same route says better what it does.
      if (deed !== 'read' && actions.some(({ route }) => route === routes[deed])) return false;
      const permission = permissionOf(deed);
      return permission === undefined ? isForAdmins(principal) : permissions.allows(principal, permission);
    },
    demand(principal, deed) {
      const permission = permissionOf(deed);
      if (permission !== undefined) return permissions.demand(principal, permission);
      if (isForAdmins(principal)) return undefined;
      throw kernelErrors.forbidden(`The role ${principal.role} may not do this with ${name}.`);
    },
  };
}

function foremostOf({ foremost }: AdminEntry, columns: ResourceView['columns']): ResourceView['foremost'] {
  const column = columns.get(foremost?.column ?? '');
  return foremost && column ? { column, value: foremost.value } : undefined;
}
