import type { ActionHandler, BulkActionResponse, CurrentAdmin, RecordActionResponse } from 'adminjs';
import { kernelErrors, type PanelKernel, type Problem } from '#core';
import type { PanelUser } from '../user.ts';
import { doneMessage, severalOf } from '../words.ts';
import { bulkCall } from './bulk.ts';
import { callFor } from './call.ts';
import { type RegisterResource, writerOf } from './resource.ts';
import type { ViewAction } from './view-actions.ts';

function handlerOf(
  kernel: PanelKernel,
  resource: RegisterResource,
  action: ViewAction,
): ActionHandler<RecordActionResponse> {
  return async (request, _response, context) => {
    const { record, currentAdmin, h } = context;
    if (!record) throw kernelErrors.notFound('It is gone.');
    const shown = record.toJSON(currentAdmin);
    if (request.method !== 'post') return { record: shown };
    const id = String(record.id());
    let answer: unknown;
    try {
      const [row] = await resource.reading.byIds([id]);
      if (!row) throw kernelErrors.notFound('It is gone.');
      answer = await callFor(kernel, action, writerOf(context), row, id, request.payload);
    } catch (fault) {
      return { record: shown, notice: { message: refusalOf(fault), type: 'error' } };
    }
    const after = await resource.findOne(id, context);
    const { leadsTo } = action.said;
    const made = (answer as { id?: unknown } | undefined)?.id;
    const next =
      leadsTo !== undefined && made !== undefined
        ? {
            redirectUrl: h.recordActionUrl({
              resourceId: leadsTo,
              recordId: String(made),
              actionName: 'show',
            }),
          }
        : after
          ? {}
          : { redirectUrl: h.resourceUrl({ resourceId: resource.id() }) };
    return {
      record: after?.toJSON(currentAdmin) ?? shown,
      ...next,
      notice: { message: doneMessage(action.name), resourceId: resource.id(), type: 'success' },
    };
  };
}

/** What a person is told who is refused; throws on what is no fault of theirs. */
function refusalOf(fault: unknown): string {
  const { status = 500, code, message, errors = [] } = fault as Problem;
  if (status >= 500) throw fault;
  if (code === 'version-mismatch')
    return 'Somebody has changed it since you opened it. Reload the page to see how it is now.';
  return errors.length > 0 ? errors.map((each) => each.message).join(' ') : message;
}

/** The buttons by which routes of plugins are called for records of a view, each for whoever may call its route. */
export function ownActions(kernel: PanelKernel, resource: RegisterResource): Record<string, object> {
  const made = resource.view.actions.flatMap((action) => {
    const { name, said, route, fields, isForeign } = action;
    const mayCall = ({ currentAdmin }: { currentAdmin?: CurrentAdmin }) => {
      const user = currentAdmin as PanelUser | undefined;
      return user !== undefined && kernel.permissions.allows(user.principal, route.permission);
    };
    const access = { icon: said.icon, isAccessible: mayCall, isVisible: mayCall };
    const form = { component: 'Act', showInDrawer: true };
    const custom = { isOwn: true, isForeign, fields };
    const single = {
      ...access,
      actionType: 'record',
      ...form,
      custom,
      handler: handlerOf(kernel, resource, action),
    };
    if (said.several === undefined) return [[name, single] as const];
    const handler: ActionHandler<BulkActionResponse> = bulkCall(kernel, resource, action);
    const several = {
      ...access,
      actionType: 'bulk',
      ...form,
      custom: { ...custom, says: said.several },
      handler,
    };
    return [[name, single] as const, [severalOf(name), several] as const];
  });
  return Object.fromEntries(made);
}
