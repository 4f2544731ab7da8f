/** How the panel shows users and, to admins, what there is of API tokens: they are made by REST, which alone shows them. */
export const usersViews = {
  User: {
    title: 'email',
    list: ['email', 'name', 'role', 'active', 'lastLoginAt'],
    show: [
      'email',
      'name',
      'role',
      'active',
      'mustChangePassword',
      'lastLoginAt',
      'createdAt',
      'updatedAt',
      'updatedBy',
    ],
    edit: ['email', 'name', 'role', 'active', 'mustChangePassword'],
    filter: ['email', 'name', 'role', 'active', 'lastLoginAt'],
    labels: { email: 'E-mail', mustChangePassword: 'Must change password', lastLoginAt: 'Last sign-in' },
    group: 'Access',
    icon: 'User',
    rest: '/users',
  },
  ApiToken: {
    title: 'name',
    list: ['name', 'userId', 'role', 'expiresAt', 'lastUsedAt'],
    show: ['name', 'userId', 'role', 'allowedCidrs', 'expiresAt', 'lastUsedAt', 'createdAt', 'createdBy'],
    edit: [],
    filter: ['name', 'userId', 'role', 'expiresAt', 'lastUsedAt'],
    labels: { userId: 'Owner', allowedCidrs: 'Allowed from', lastUsedAt: 'Last used' },
    group: 'Access',
    icon: 'Key',
    // Not by /tokens: the panel reads the table, all of it, so it is for those who may see all of it.
    read: 'users:write',
    write: 'users:write',
  },
} as const;
