import type { ActionContext } from 'adminjs';
import type { Grant, PanelKernel, Role } from '#core';
import { startTestRegister, type TestRegister } from '#core/testing';
import { importAdminJs } from '../http/environment.ts';
import type { FilterValue } from '../resource/filters.ts';
import type { RegisterResource } from '../resource/resource.ts';

// As in production, whichever test comes first.
export const { Filter, ValidationError } = await importAdminJs();
const { resourcesOf } = await import('../resource/resources.ts');
export const { removeAsChosen } = await import('../resource/removal.ts');

/** A register with its resources, as AdminJS would be given them, without AdminJS's pages round them. */
export interface TestPanel {
  register: TestRegister;
  kernel: PanelKernel;
  resource(name: string): RegisterResource;
  /** Somebody of a role, who may have others on branches. */
  as(role: Role, grants?: readonly Grant[]): ActionContext;
  /** The rows of a list, as a role sees it. */
  list(name: string, filters: Record<string, FilterValue>, role?: Role): Promise<Record<string, unknown>[]>;
}

/** Starts a register of these plugins and makes their resources. */
export async function startTestPanel(plugins: Parameters<typeof startTestRegister>[0]): Promise<TestPanel> {
  let kernel: PanelKernel | undefined;
  const register = await startTestRegister(plugins, {
    panel: (given) => {
      kernel = given;
      return { path: '/admin', handler: (_req, res) => void res.end(), stop: async () => undefined };
    },
  });
  const resources = resourcesOf(kernel as PanelKernel);
  const resource = (name: string) => resources.find(({ view }) => view.name === name) as RegisterResource;
  const as = (role: Role, grants: readonly Grant[] = []) =>
    ({
      currentAdmin: {
        email: `${role}@test.local`,
        title: role,
        principal: { id: 7, kind: 'user', name: role, role, grants },
        requestId: undefined,
        address: undefined,
      },
    }) as unknown as ActionContext;
  return {
    register,
    kernel: kernel as PanelKernel,
    resource,
    as,
    async list(name, filters, role = 'admin') {
      const records = await resource(name).find(new Filter(filters, resource(name)), { limit: 50 }, as(role));
      return records.map(({ params }) => params);
    },
  };
}
