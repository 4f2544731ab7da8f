/** The four roles, from most to least. */
export const roles = ['admin', 'engineer', 'auditor', 'viewer'] as const;

export type Role = (typeof roles)[number];

/** A part of the register that a role can be given on. The kernel carries it; what it means is known to whoever made it. */
export interface Branch {
  /** What a person reads. */
  readonly label: string;
  /** What the rules in the database compare rows with. */
  readonly key: Readonly<Record<string, string | number>>;
}

/** A role on one branch, beside the role that somebody has everywhere. */
export interface Grant {
  readonly role: Role;
  readonly branch: Branch;
}

/** Who is signed in. */
export interface Principal {
  id: number;
  kind: 'user' | 'token';
  name: string;
  role: Role;
  /** Absent: none. */
  grants?: readonly Grant[];
  /** The user whom an API token acts for; absent for users, who act for themselves. */
  ownerId?: number;
  /** Somebody else knows this user's password: until it is changed, nothing else is served. */
  mustChangePassword?: boolean;
}

/** A permission as a plugin declares it: what a person reads in the panel, and which roles have it from the start. */
export interface PermissionEntry {
  label: string;
  roles: readonly Role[];
  /**
   * Whether a role that is given on a branch brings it. Only for permissions to write rows of models that say where they lie
   * (`place`), and through `write` or `transact` alone: that is where it is checked that a row lies inside the branch.
   */
  delegable?: boolean;
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
