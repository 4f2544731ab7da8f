import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Branch, PermissionEntry, Principal, Role } from './principal.ts';

/** The branches that somebody may write in, where the role that allows it is not theirs everywhere. */
export interface Confinement {
  /** What is allowed there, and nowhere else. */
  readonly permissions: readonly string[];
  /** At least one. */
  readonly branches: readonly Branch[];
}

/** Answers, in one place for REST, panel and jobs, who may do what. */
export interface Permissions {
  /** Whether it is allowed somewhere: everywhere, or on a branch. */
  allows(principal: Principal, permission: string): boolean;
  /**
   * Answers undefined where all of them are allowed everywhere, else where they are: the caller of the transaction has to carry
   * that (`callerOf`). Throws 403 naming the permission that is missing.
   */
  demand(principal: Principal, ...permissions: string[]): Confinement | undefined;
}

/** Builds the check from the declared permissions; `signed-in` is given to everybody who is. */
export function createPermissions(declared: ReadonlyMap<string, PermissionEntry>): Permissions {
  const granted = new Map<Role, Set<string>>();
  for (const [name, { roles }] of declared) {
    for (const role of new Set<Role>(['admin', ...roles])) {
      granted.set(role, (granted.get(role) ?? new Set()).add(name));
    }
  }
  const has = (role: Role, permission: string) =>
    permission === 'signed-in' || granted.get(role)?.has(permission) === true;
  const brings = (role: Role, permission: string) =>
    declared.get(permission)?.delegable === true && has(role, permission);

  return {
    allows: ({ role, grants = [] }, permission) =>
      has(role, permission) || grants.some((grant) => brings(grant.role, permission)),

    demand({ role, grants = [] }, ...permissions) {
      const lacking = permissions.filter((permission) => !has(role, permission));
      if (lacking.length === 0) return undefined;
      const branches = grants
        .filter((grant) => lacking.every((permission) => brings(grant.role, permission)))
        .map(({ branch }) => branch);
      if (branches.length > 0) return { permissions: lacking, branches };
      const missing =
        lacking.find((permission) => !grants.some((grant) => brings(grant.role, permission))) ??
        lacking.join(' and ');
      throw kernelErrors.forbidden(
        `This needs the permission ${missing}, which the role ${role} does not have.`,
        { members: { permission: missing } },
      );
    },
  };
}

/** 403 for what somebody writes outside of the branches where they may. */
export function outsideBranches({ permissions, branches }: Confinement, deed: string): Error {
  const names = branches.map(({ label }) => label);
  const permission = permissions.join(' and ');
  return kernelErrors.forbidden(
    `The permission ${permission} is yours on ${names.join(', ')} alone, and ${deed}.`,
    { members: { permission, branches: names } },
  );
}
