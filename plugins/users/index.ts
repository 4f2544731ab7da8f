import { definePlugin } from '#core';
import { usersConfig } from './config.ts';
import { usersConstraints, usersErrors } from './errors.ts';
import { usersJobs } from './jobs.ts';
import { ApiToken, User } from './model.ts';
import { authRoutes } from './routes/auth.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { userRoutes } from './routes/users.ts';
import { userEvents } from './schemas.ts';
import { createUsersService } from './service.ts';
import { usersViews } from './views.ts';

export type { UsersApi } from './service.ts';

const tokenRoles = ['admin', 'engineer', 'auditor'] as const;

/** Users, their passwords, and the tokens they sign in with. */
export const users = definePlugin({
  name: 'users',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Keeps the users and signs them in.',
  config: usersConfig,
  models: { User, ApiToken },
  migrations: new URL('../../migrations/users/', import.meta.url),
  permissions: {
    'users:read': { label: 'See users', roles: ['admin', 'engineer', 'auditor'] },
    'users:write': { label: 'Create, change and delete users', roles: ['admin'] },
    'tokens:read': { label: 'See API tokens: one’s own, as an admin all', roles: tokenRoles },
    'tokens:write': { label: 'Make and revoke API tokens', roles: tokenRoles },
  },
  events: userEvents,
  errors: usersErrors,
  constraints: usersConstraints,
  admin: usersViews,
  setup: createUsersService,
  routes: (api) => [...authRoutes(api), ...userRoutes(api), ...tokenRoutes(api)],
  jobs: usersJobs,
});
