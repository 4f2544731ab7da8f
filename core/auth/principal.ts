/** The four roles, from most to least. */
export const roles = ['admin', 'engineer', 'auditor', 'viewer'] as const;

export type Role = (typeof roles)[number];

/** Who is signed in. */
export interface Principal {
  id: number;
  kind: 'user' | 'token';
  name: string;
  role: Role;
  /** The user whom an API token acts for; absent for users, who act for themselves. */
  ownerId?: number;
  /** Somebody else knows this user's password: until it is changed, nothing else is served. */
  mustChangePassword?: boolean;
}

/** A permission as a plugin declares it: what a person reads in the panel, and which roles have it from the start. */
export interface PermissionEntry {
  label: string;
  roles: readonly Role[];
}

/** Whether a role may do all that another may. Of engineer and auditor each may something that the other may not. */
export function covers(role: Role, other: Role): boolean {
  return role === 'admin' || role === other || other === 'viewer';
}

/** What two roles both may: the lesser of the two or, of engineer and auditor, viewer. */
export function commonRole(one: Role, other: Role): Role {
  if (covers(one, other)) return other;
  return covers(other, one) ? one : 'viewer';
}
