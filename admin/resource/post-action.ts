import type { ActionContext, CurrentAdmin, RecordActionResponse } from 'adminjs';
import { kernelErrors, type PanelKernel, type Problem } from '#core';
import type { PanelUser } from '../user.ts';
import { doneMessage } from '../words.ts';
import type { RegisterResource } from './resource.ts';
import { writerOf } from './resource.ts';

/** The buttons by which a plugin's view has a route of its own called for one record, for whoever may call it. */
export function postActions(kernel: PanelKernel, { view }: RegisterResource): Record<string, object> {
  const made = Object.entries(view.actions).flatMap(([name, { icon, post }]) => {
    const route = kernel.registry.routes.find(({ method, path }) => method === 'post' && path === post);
    if (!route) return [];
    const mayCall = ({ currentAdmin }: { currentAdmin?: CurrentAdmin }) => {
      const user = currentAdmin as PanelUser | undefined;
      return user !== undefined && kernel.permissions.allows(user.principal, route.permission);
    };
    const handler = async (
      _request: unknown,
      _response: unknown,
      context: ActionContext,
    ): Promise<RecordActionResponse> => {
      const { record, currentAdmin } = context;
      if (!record) throw kernelErrors.notFound('It is gone.');
      try {
        await kernel.invoke({ route, ...writerOf(context), params: { id: String(record.id()) } });
      } catch (fault) {
        const { status = 500, message } = fault as Problem;
        if (status >= 500) throw fault;
        return { record: record.toJSON(currentAdmin), notice: { message, type: 'error' } };
      }
      return {
        record: record.toJSON(currentAdmin),
        notice: { message: doneMessage(name), type: 'success' },
      };
    };
    const action = {
      actionType: 'record',
      icon,
      component: false,
      isAccessible: mayCall,
      isVisible: mayCall,
    };
    return [[name, { ...action, handler }] as const];
  });
  return Object.fromEntries(made);
}
