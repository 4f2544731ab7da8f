/** The four roles, from most to least. */
export const roles = ['admin', 'engineer', 'auditor', 'viewer'] as const;

export type Role = (typeof roles)[number];

/** Who is signed in. */
export interface Principal {
  id: number;
  kind: 'user' | 'token';
  name: string;
  role: Role;
}

/** A permission as a plugin declares it: what a person reads in the panel, and which roles have it from the start. */
export interface PermissionEntry {
  label: string;
  roles: readonly Role[];
}
