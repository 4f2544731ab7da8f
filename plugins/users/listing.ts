import { booleanFilters, choiceFilters, listing, roles, textFilters, timeFilters } from '#core';
import { userFields } from './queries.ts';
import { user } from './schemas.ts';

/** The list of users, by e-mail unless told. */
export const userList = listing({
  item: user,
  fields: userFields,
  from: 'app_user',
  table: 'app_user',
  idSql: 'id',
  sorts: {
    id: { sql: 'id', type: 'bigint' },
    email: { sql: 'email', type: 'text' },
    name: { sql: 'name', type: 'text' },
    role: { sql: 'role', type: 'text' },
    lastLoginAt: { sql: 'last_login_at', type: 'timestamptz', nullable: true },
    createdAt: { sql: 'created_at', type: 'timestamptz' },
    updatedAt: { sql: 'updated_at', type: 'timestamptz' },
  },
  defaultSort: 'email',
  filters: {
    ...textFilters('email', 'email'),
    ...textFilters('name', 'name'),
    ...choiceFilters('role', 'role', roles),
    ...booleanFilters('active', 'active'),
    ...booleanFilters('mustChangePassword', 'must_change_password'),
    ...timeFilters('lastLoginAt', 'last_login_at'),
    ...timeFilters('createdAt', 'created_at'),
    ...timeFilters('updatedAt', 'updated_at'),
  },
});
