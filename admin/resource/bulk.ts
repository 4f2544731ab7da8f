import { type ActionHandler, type BaseRecord, type BulkActionResponse, ValidationError } from 'adminjs';
import { type Confinement, callerOf, kernelErrors, type PanelKernel, type Principal, type Tx } from '#core';
import { callFor } from './call.ts';
import { atTheFields } from './faults.ts';
import type { Row } from './reading.ts';
import { chosenOf } from './removal-choices.ts';
import { type RegisterResource, writerOf } from './resource.ts';
import type { ViewAction } from './view-actions.ts';
import type { Writer } from './writing.ts';

type Handler = ActionHandler<BulkActionResponse>;
type Context = Parameters<Handler>[2];

/** Takes the locks that REST takes for a list of changes of some records, in the order in which everybody does. */
async function lockForChanges(tx: Tx, { view }: RegisterResource, records: readonly BaseRecord[]) {
  const bulk = view.routes.change?.bulk;
  if (typeof bulk !== 'object') return;
  const items = records.map((record) => ({ params: { id: Number(record.id()) }, query: {}, body: {} }));
  await bulk.lock(tx, items as never[]);
}

/**
 * Runs one step for each selected record in one transaction, after `begin`: all of them or none. Names the record that it failed at.
 */
async function forEach(
  kernel: PanelKernel,
  resource: RegisterResource,
  { records = [], ...context }: Context,
  demand: (principal: Principal) => Confinement | undefined,
  step: (writer: Writer, id: string) => Promise<void>,
  begin?: typeof lockForChanges,
): Promise<void> {
  const writer = writerOf(context as Context);
  let at = '';
  try {
    const confined = demand(writer.principal);
    await kernel.transact(callerOf({ source: 'panel', ...writer, confined }), async (tx: Tx) => {
      await begin?.(tx, resource, records);
      for (const record of records) {
        at = record.title();
        await step({ ...writer, within: tx }, String(record.id()));
      }
    });
  } catch (fault) {
    const told = atTheFields(fault, resource.view);
    if (!(told instanceof ValidationError)) throw told;
    const [first] = Object.values(told.propertyErrors);
    const why = told.baseError?.message ?? first?.message ?? '';
    throw new ValidationError(told.propertyErrors, {
      type: 'refused',
      message: `Nothing was changed: ${at}: ${why}`,
    });
  }
}

function answered({ records = [], currentAdmin, h }: Context, resource: RegisterResource, message: string) {
  return {
    records: records.map((record) => record.toJSON(currentAdmin)),
    redirectUrl: h.resourceUrl({ resourceId: resource.id() }),
    notice: {
      message,
      options: { count: records.length },
      resourceId: resource.id(),
      type: 'success' as const,
    },
  };
}

function selected({ records = [], currentAdmin }: Context) {
  if (records.length === 0) throw kernelErrors.notFound('No record was selected, or they are gone.');
  return { records: records.map((record) => record.toJSON(currentAdmin)) };
}

/** Deletes the selected records as the form chose, all or none. */
export function bulkDelete(kernel: PanelKernel, resource: RegisterResource): Handler {
  return async (request, _response, context) => {
    const loaded = selected(context);
    if (request.method !== 'post') return loaded;
    const chosen = chosenOf(resource.view.removal, request.payload);
    await forEach(
      kernel,
      resource,
      context,
      (principal) => resource.view.demand(principal, 'remove'),
      (writer, id) => resource.writing.remove(writer, id, chosen),
    );
    return answered(context, resource, 'successfullyBulkDeleted');
  };
}

/** Sets the same fields of the selected records, all or none. */
export function bulkEdit(kernel: PanelKernel, resource: RegisterResource): Handler {
  return async (request, _response, context) => {
    const loaded = selected(context);
    if (request.method !== 'post') return loaded;
    const given = Object.entries((request.payload ?? {}) as Record<string, unknown>);
    const fields = given.filter(([name]) => resource.view.change.includes(name));
    if (fields.length === 0) throw kernelErrors.invalid('Choose at least one field to change.');
    const form = Object.fromEntries(fields);
    const demand = (principal: Principal) => resource.view.demand(principal, 'change');
    const change = async (writer: Writer, id: string) => {
      const current = await currentOf(resource, writer, id);
      await resource.writing.change(writer, current, { ...form, version: current.version });
    };
    await forEach(kernel, resource, context, demand, change, lockForChanges);
    return answered(context, resource, 'successfullyBulkEdited');
  };
}

async function currentOf(resource: RegisterResource, { within }: Writer, id: string): Promise<Row> {
  const [current] = await resource.reading.byIds([id], within?.query);
  if (!current) throw kernelErrors.notFound('It is gone.');
  return current;
}

/** Calls the route of a button for each selected record, all or none. */
export function bulkCall(kernel: PanelKernel, resource: RegisterResource, action: ViewAction): Handler {
  return async (request, _response, context) => {
    const loaded = selected(context);
    if (request.method !== 'post') return loaded;
    const demand = (principal: Principal) => kernel.permissions.demand(principal, action.route.permission);
    const call = async (writer: Writer, id: string) => {
      const current = await currentOf(resource, writer, id);
      await callFor(kernel, action, writer, current, id, request.payload);
    };
    await forEach(kernel, resource, context, demand, call, lockForChanges);
    return answered(context, resource, 'successfullyBulkDone');
  };
}
