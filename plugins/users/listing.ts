import {
  booleanFilters,
  choiceFilters,
  integerFilters,
  listing,
  roles,
  textFilters,
  timeFilters,
} from '#core';
import { tokenFields, userFields } from './queries.ts';
import { apiToken, user } from './schemas.ts';

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

/** The list of API tokens, by name unless told. */
export const tokenList = listing({
  item: apiToken,
  fields: tokenFields,
  from: 'api_token t',
  table: 'api_token',
  idSql: 't.id',
  sorts: {
    id: { sql: 't.id', type: 'bigint' },
    name: { sql: 't.name', type: 'text' },
    expiresAt: { sql: 't.expires_at', type: 'timestamptz', nullable: true },
    lastUsedAt: { sql: 't.last_used_at', type: 'timestamptz', nullable: true },
    createdAt: { sql: 't.created_at', type: 'timestamptz' },
  },
  defaultSort: 'name',
  filters: {
    ...textFilters('name', 't.name'),
    ...choiceFilters('role', 't.role', roles),
    ...integerFilters('userId', 't.user_id'),
    ...timeFilters('expiresAt', 't.expires_at'),
    ...timeFilters('lastUsedAt', 't.last_used_at'),
    ...timeFilters('createdAt', 't.created_at'),
  },
});
