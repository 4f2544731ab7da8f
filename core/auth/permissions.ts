import { kernelErrors } from '../errors/kernel-errors.ts';
import type { PermissionEntry, Principal, Role } from './principal.ts';

/** Answers, in one place for REST, panel and jobs, who may do what. */
export interface Permissions {
  allows(principal: Principal, permission: string): boolean;
  /** Throws 403 naming the missing permission. */
  demand(principal: Principal, permission: string): void;
}

/** Builds the check from the declared permissions; `signed-in` is given to everybody who is. */
export function createPermissions(declared: ReadonlyMap<string, PermissionEntry>): Permissions {
  const granted = new Map<Role, Set<string>>();
  for (const [name, { roles }] of declared) {
    for (const role of new Set<Role>(['admin', ...roles])) {
      granted.set(role, (granted.get(role) ?? new Set(['signed-in'])).add(name));
    }
  }
  const allows = (principal: Principal, permission: string) =>
    permission === 'signed-in' || granted.get(principal.role)?.has(permission) === true;
  return {
    allows,
    demand(principal, permission) {
      if (allows(principal, permission)) return;
      throw kernelErrors.forbidden(
        `This needs the permission ${permission}, which the role ${principal.role} does not have.`,
        {
          members: { permission },
        },
      );
    },
  };
}
