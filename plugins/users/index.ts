import { definePlugin } from '#core';
import { usersConstraints, usersErrors } from './errors.ts';
import { User } from './model.ts';
import { authRoutes, userRoutes } from './routes.ts';
import { userEvents } from './schemas.ts';
import { createUsersService } from './service.ts';

export type { UsersApi } from './service.ts';

/** Users, their passwords, and the tokens they sign in with. */
export const users = definePlugin({
  name: 'users',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps the users and signs them in.',
  models: { User },
  migrations: new URL('../../migrations/users/', import.meta.url),
  permissions: {
    'users:read': { label: 'See users', roles: ['admin', 'engineer', 'auditor'] },
    'users:write': { label: 'Create, change and delete users', roles: ['admin'] },
  },
  events: userEvents,
  errors: usersErrors,
  constraints: usersConstraints,
  admin: {
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
  },
  setup: createUsersService,
  routes: (api) => [...authRoutes(api), ...userRoutes(api)],
});
