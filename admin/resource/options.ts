import type { ActionContext, ActionRequest, ActionResponse, CurrentAdmin, ResourceOptions } from 'adminjs';
import { type Deed, formFields, type PanelKernel, recordFacts } from '#core';
import type { PanelUser } from '../user.ts';
import type { AskedField } from './asked-field.ts';
import { bulkDelete, bulkEdit } from './bulk.ts';
import type { Column } from './columns.ts';
import { ownActions } from './own-actions.ts';
import { relatedProperty, relatedTo } from './related.ts';
import { removeAsChosen } from './removal.ts';
import type { RegisterResource } from './resource.ts';
import type { ResourceView } from './view.ts';

type Components = NonNullable<NonNullable<ResourceOptions['properties']>[string]['components']>;

/** The column of a list with what is known of its records beside their columns. */
export const factsProperty = '$facts';

/** Which of our components show a kind of column; the others are AdminJS's own. */
const components: Readonly<Partial<Record<Column['kind'], Components>>> = {
  network: { list: 'NetworkCell', show: 'NetworkCell' },
  mac: { list: 'NetworkCell', show: 'NetworkCell' },
  choice: { list: 'StatusChip', show: 'StatusChip' },
  color: { list: 'ColorCell', show: 'ColorCell', edit: 'ColorEditor' },
  moment: { list: 'TimeCell', show: 'TimeCell' },
  json: { list: 'JsonCell', show: 'JsonCell', edit: 'JsonEditor' },
  fields: { list: 'FieldsCell', show: 'FieldsCell', edit: 'FieldsEditor' },
  labels: { list: 'TagsCell', show: 'TagsCell', edit: 'TagsEditor' },
};

/** Everything that AdminJS needs to know about one resource: what to show where, with what, to whom. */
export function optionsOf(
  kernel: PanelKernel,
  resource: RegisterResource,
  all: readonly RegisterResource[],
  history?: RegisterResource,
): ResourceOptions {
  const { view } = resource;
  const related = relatedTo(
    view,
    all.map((each) => each.view),
  );
  const allowed =
    (deed: Deed) =>
    ({ currentAdmin }: { currentAdmin?: CurrentAdmin }) => {
      const user = currentAdmin as PanelUser | undefined;
      return user !== undefined && view.may(user.principal, deed);
    };
  const reads = { isAccessible: allowed('read') };
  const creates = { isAccessible: allowed('create'), isVisible: allowed('create') };
  const changes = { isAccessible: allowed('change'), isVisible: allowed('change') };
  const removes = { isAccessible: allowed('remove'), isVisible: allowed('remove') };
  const properties = Object.fromEntries(
    [...view.columns.values()].map(({ name, kind, several, nullable, choices, initial }) => [
      name,
      {
        ...(components[kind] ? { components: components[kind] } : {}),
        ...(kind === 'json' ? { custom: { example: exampleOf(several, nullable) } } : {}),
        // What a form for a new record begins with.
        ...((kind === 'color' || kind === 'choice') && initial !== undefined
          ? { props: { value: initial } }
          : {}),
        ...(choices.length > 0 ? { availableValues: choices.map((value) => ({ value, label: value })) } : {}),
        isTitle: name === view.title,
        ...specialOf(view, name),
      },
    ]),
  );
  const relatedProperties =
    related.length > 0
      ? { [relatedProperty]: { components: { show: 'RelatedCell' }, custom: { lists: related } } }
      : {};
  const hasFacts = kernel
    .extensions(recordFacts)
    .some(({ table, inLists }) => table === view.tableName && inLists === true);
  const changeable = new Set(view.change);
  // Where something may have to be chosen, a form asks; else AdminJS does.
  const asks =
    view.removal.length > 0
      ? {
          component: 'Remove',
          showInDrawer: true,
          custom: { choices: view.removal, fields: view.removal },
        }
      : undefined;
  return {
    id: view.name,
    titleProperty: view.title,
    listProperties: [...view.list.slice(0, 1), ...(hasFacts ? [factsProperty] : []), ...view.list.slice(1)],
    showProperties: [...Object.keys(relatedProperties), ...view.show],
    filterProperties: [...view.filter],
    editProperties: [...new Set([...view.create, ...view.change])],
    properties: {
      ...properties,
      ...relatedProperties,
      ...(hasFacts ? { [factsProperty]: { components: { list: 'FactsCell' } } } : {}),
    },
    sort: { sortBy: view.order.by, direction: view.order.descending ? 'desc' : 'asc' },
    navigation: { name: view.group, icon: view.icon as never },
    actions: {
      list: reads,
      show: { ...reads, custom: pageOf(view) },
      search: view.beside.length > 0 ? { ...reads, handler: choicesOf(resource) } : reads,
      // Both forms take their fields from `editProperties`; the layout leaves out what the other one alone has.
      new: { ...creates, layout: [...view.create], after: named },
      edit: { ...changes, layout: [...view.change], after: named },
      delete: {
        ...removes,
        ...(asks ? { ...asks, guard: '', handler: removeAsChosen(resource) } : {}),
        after: named,
      },
      ...historyAction(view, history),
      ...ownActions(kernel, resource),
      ...fieldsAction(kernel, view, reads),
      bulkDelete: { ...removes, ...asks, handler: bulkDelete(kernel, resource) },
      bulkEdit: {
        ...changes,
        isVisible: (context: ActionContext) => changeable.size > 0 && allowed('change')(context),
        actionType: 'bulk',
        icon: 'Edit2',
        component: 'BulkEdit',
        showInDrawer: true,
        custom: { fields: [...view.change] },
        handler: bulkEdit(kernel, resource),
      },
    },
  };
}

/** What of a record's page is no column: its buttons, and how far it is. */
export interface PageParts {
  actions: readonly {
    name: string;
    label: string;
    icon: string;
    permission: string;
    isDirect: boolean;
    fields: readonly AskedField[];
  }[];
  progress: ResourceView['progress'];
}

function pageOf({ actions, progress }: ResourceView): PageParts {
  return {
    progress,
    actions: actions.map(({ name, said: { label, icon, says }, route: { permission }, fields }) => ({
      name,
      label,
      icon,
      permission,
      isDirect: fields.length === 0 && says === undefined,
      fields,
    })),
  };
}

/** How a column is shown that the view says something of. */
function specialOf({ compare, tables, spans }: ResourceView, name: string): object {
  const columns = Object.hasOwn(tables, name) ? tables[name] : undefined;
  const until = Object.hasOwn(spans, name) ? spans[name] : undefined;
  if (name === compare?.after) {
    const { before, heads = ['Before', 'After'], lines } = compare;
    return { components: { show: 'CompareCell' }, custom: { before, heads, isTold: lines !== undefined } };
  }
  if (columns) return { components: { show: 'TableCell' }, custom: { columns } };
  return until ? { components: { list: 'SpanCell', show: 'SpanCell' }, custom: { until } } : {};
}

/** JSON that a column may hold. */
function exampleOf(several: boolean, nullable: boolean): string {
  if (several) return '[12, 15]';
  return nullable ? '"text", 42 or true' : '{"site": "Vienna"}';
}

/** Tells a page which custom fields there are at the time, for whoever may see the records. */
function fieldsAction(kernel: PanelKernel, { columns, tableName }: ResourceView, reads: object): object {
  const sources = kernel.extensions(formFields);
  if (![...columns.values()].some(({ kind }) => kind === 'fields')) return {};
  return {
    fields: {
      ...reads,
      actionType: 'resource',
      isVisible: false,
      component: false,
      handler: async () => ({
        fields: (await Promise.all(sources.map((fieldsOf) => fieldsOf(tableName)))).flat(),
      }),
    },
  };
}

/** Offers records by their titles and what is told with these; AdminJS's own knows titles alone. */
function choicesOf(resource: RegisterResource) {
  return async (request: ActionRequest, _response: unknown, context: ActionContext) => {
    const records = await resource.choices(request.params.query ?? '', context);
    return { records: records.map((record) => record.toJSON(context.currentAdmin)) };
  };
}

/** Leads from a record to the list of what became of it, for whoever may see that. */
function historyAction({ entity, isAudited }: ResourceView, history: RegisterResource | undefined): object {
  if (!isAudited || !history?.view.historyOf || history.view.entity === entity) return {};
  const { historyOf } = history.view;
  const mayRead = ({ currentAdmin }: { currentAdmin?: CurrentAdmin }) => {
    const user = currentAdmin as PanelUser | undefined;
    return user !== undefined && history.view.may(user.principal, 'read');
  };
  return {
    history: {
      actionType: 'record',
      icon: 'Clock',
      component: false,
      isAccessible: mayRead,
      isVisible: mayRead,
      handler: async (_request: unknown, _response: unknown, context: ActionContext) => {
        const { record, h, currentAdmin } = context;
        const filters = new URLSearchParams({
          [`filters.${historyOf.entity}`]: entity,
          [`filters.${historyOf.id}`]: String(record?.id()),
        });
        return {
          record: record?.toJSON(currentAdmin),
          redirectUrl: h.resourceUrl({ resourceId: history.view.name, search: `?${filters}` }),
        };
      },
    },
  };
}

/** Lets the message at the end name the record. */
function named<Answer extends ActionResponse>(answer: Answer): Answer {
  if (answer.notice && answer.record) {
    answer.notice.options = { ...answer.notice.options, title: answer.record.title };
  }
  return answer;
}
