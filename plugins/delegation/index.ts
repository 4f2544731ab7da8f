import { definePlugin } from '#core';
import { subnets } from '#plugins/subnets';
import { users } from '#plugins/users';
import { delegationConstraints, delegationErrors } from './errors.ts';
import { Grant } from './model.ts';
import { grantRoutes } from './routes.ts';
import { createGrantService } from './service.ts';

/** Roles that hold on a branch of the tree: whoever has one may write there, and nowhere else. */
export const delegation = definePlugin({
  name: 'delegation',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'Gives users a role on a branch of the tree.',
  requires: [users, subnets],
  models: { Grant },
  migrations: new URL('../../migrations/delegation/', import.meta.url),
  permissions: {
    'grants:read': { label: 'See who has a role on which branch', roles: ['admin', 'engineer', 'auditor'] },
    'grants:write': { label: 'Give and take roles on branches', roles: ['admin'] },
  },
  errors: delegationErrors,
  constraints: delegationConstraints,
  admin: {
    Grant: {
      title: 'cidr',
      list: ['userId', 'role', 'vrfId', 'cidr', 'createdAt', 'createdBy'],
      show: ['userId', 'role', 'vrfId', 'cidr', 'createdAt', 'createdBy'],
      edit: ['userId', 'role', 'vrfId', 'cidr'],
      filter: ['userId', 'role', 'vrfId', 'cidr'],
      labels: { userId: 'User', vrfId: 'VRF', cidr: 'Branch' },
      group: 'Access',
      icon: 'GitBranch',
      rest: '/grants',
    },
  },
  setup: createGrantService,
  routes: (api) => grantRoutes(api),
});
