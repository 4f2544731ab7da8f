import { named } from '#core';

/** The columns of a user on the wire, by their wire names; the password's hash is not among them. */
export const userFields = {
  id: 'id',
  email: 'email',
  name: 'name',
  role: 'role',
  active: 'active',
  mustChangePassword: 'must_change_password',
  lastLoginAt: 'last_login_at',
  version: 'version',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  createdBy: 'created_by',
  updatedBy: 'updated_by',
};
/** The columns of an API token on the wire; its hash is not among them. */
export const tokenFields = {
  id: 't.id',
  name: 't.name',
  role: 't.role',
  userId: 't.user_id',
  allowedCidrs: 't.allowed_cidrs::text[]',
  expiresAt: 't.expires_at',
  lastUsedAt: 't.last_used_at',
  createdAt: 't.created_at',
  createdBy: 't.created_by',
};
const listed = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([field, column]) => `${column} AS "${field}"`)
    .join(', ');
const columns = listed(userFields);
const tokenColumns = listed(tokenFields);

export const userById = named('user_by_id', `SELECT ${columns} FROM app_user WHERE id = $1`);
export const userByEmail = named(
  'user_by_email',
  `SELECT ${columns} FROM app_user WHERE lower(email) = lower($1)`,
);
export const lockUser = named('user_lock', `SELECT ${columns} FROM app_user WHERE id = $1 FOR UPDATE`);
export const anyUser = named('user_any', 'SELECT 1 AS one FROM app_user LIMIT 1');
/** Keeps others from creating users until the end of the transaction; readers are not held up. */
export const lockTable = named('user_lock_table', 'LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE');

export const insertUser = named(
  'user_insert',
  `INSERT INTO app_user (email, name, role, password_hash, active, must_change_password)
   VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns}`,
);
export const updateUser = named(
  'user_update',
  `UPDATE app_user SET email = coalesce($2, email), name = coalesce($3, name), role = coalesce($4, role),
     password_hash = coalesce($5, password_hash), active = coalesce($6, active),
     must_change_password = coalesce($7, must_change_password)
   WHERE id = $1 RETURNING ${columns}`,
);
export const deleteUser = named('user_delete', 'DELETE FROM app_user WHERE id = $1');

export const credentialsByEmail = named(
  'user_credentials_by_email',
  `SELECT id, password_hash AS hash, active FROM app_user WHERE lower(email) = lower($1)`,
);
export const credentialsById = named(
  'user_credentials_by_id',
  `SELECT id, email, password_hash AS hash FROM app_user WHERE id = $1`,
);
/** Only where the password that was compared is still the one: it takes the user's row lock and looks again. */
export const markLogin = named(
  'user_mark_login',
  `UPDATE app_user SET last_login_at = $3 WHERE id = $1 AND password_hash = $2 AND active RETURNING ${columns}`,
);
/** Only where the password that was compared is still the one. */
export const replacePassword = named(
  'user_replace_password',
  `UPDATE app_user SET password_hash = $3, must_change_password = false
   WHERE id = $1 AND password_hash = $2 RETURNING ${columns}`,
);

/** Who an access token speaks for, while the user is active and the sign-in it was made in ($2, may be null) lives. */
export const principalById = named(
  'user_principal',
  `SELECT id, name, role, must_change_password AS "mustChangePassword" FROM app_user u
   WHERE id = $1 AND active AND ($2::uuid IS NULL OR EXISTS (
     SELECT FROM refresh_token WHERE family = $2 AND user_id = u.id AND spent_at IS NULL AND revoked_at IS NULL AND expires_at > $3))`,
);

export const insertToken = named(
  'refresh_token_insert',
  'INSERT INTO refresh_token (user_id, family, token_hash, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
);
export const tokenOwner = named(
  'refresh_token_owner',
  'SELECT user_id AS id FROM refresh_token WHERE token_hash = $1',
);
export const tokenByHash = named(
  'refresh_token_by_hash',
  `SELECT id, family, CASE WHEN spent_at IS NOT NULL THEN 'spent' WHEN revoked_at IS NOT NULL THEN 'revoked'
     WHEN expires_at <= $2 THEN 'expired' ELSE 'live' END AS state
   FROM refresh_token WHERE token_hash = $1`,
);
export const spendToken = named(
  'refresh_token_spend',
  'UPDATE refresh_token SET spent_at = $2 WHERE id = $1',
);
export const revokeFamily = named(
  'refresh_token_revoke_family',
  'UPDATE refresh_token SET revoked_at = $2 WHERE family = $1 AND spent_at IS NULL AND revoked_at IS NULL',
);
export const forgetExpired = named(
  'refresh_token_forget',
  'DELETE FROM refresh_token WHERE user_id = $1 AND expires_at <= $2',
);

/** One token, where it belongs to a user ($2) or that is null. */
export const apiTokenById = named(
  'api_token_by_id',
  `SELECT ${tokenColumns} FROM api_token t WHERE id = $1 AND ($2::bigint IS NULL OR user_id = $2)`,
);
export const insertApiToken = named(
  'api_token_insert',
  `INSERT INTO api_token AS t (user_id, name, role, token_hash, allowed_cidrs, expires_at)
   VALUES ($1, $2, $3, $4, $5::text[]::cidr[], $6) RETURNING ${tokenColumns}`,
);
export const deleteApiToken = named(
  'api_token_delete',
  'DELETE FROM api_token WHERE id = $1 AND ($2::bigint IS NULL OR user_id = $2) RETURNING id',
);
/** A token that counts: of an active owner, and not expired at $2. */
export const apiTokenByHash = named(
  'api_token_by_hash',
  `SELECT t.id, t.name, t.role, u.id AS "ownerId", u.role AS "ownerRole", t.allowed_cidrs::text[] AS "allowedCidrs",
     t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt"
   FROM api_token t JOIN app_user u ON u.id = t.user_id
   WHERE t.token_hash = $1 AND u.active AND (t.expires_at IS NULL OR t.expires_at > $2)`,
);
export const noteUse = named('api_token_note_use', 'UPDATE api_token SET last_used_at = $2 WHERE id = $1');
/** Those of some networks that have bits beyond their prefix, by their place in the list, from 1. */
export const oddNetworks = named(
  'network_odd',
  `SELECT at::int AS at, given, network(given::inet)::text AS meant
   FROM unnest($1::text[]) WITH ORDINALITY AS listed (given, at) WHERE host(network(given::inet)) <> host(given::inet)`,
);

/** For how many whole seconds from $2 on the longest lock among some keys goes on; null where there is none. */
export const lockedFor = named(
  'sign_in_locked_for',
  `SELECT ceil(extract(epoch FROM max(locked_until) - $2::timestamptz))::int AS wait
   FROM sign_in_failure WHERE key = ANY ($1::bytea[]) AND locked_until > $2`,
);
export const countFailure = named(
  'sign_in_count_failure',
  'SELECT count_sign_in_failure($1, $2, make_interval(secs => $3), $4)',
);
export const forgive = named('sign_in_forgive', 'DELETE FROM sign_in_failure WHERE key = $1');
export const purgeFailures = named('sign_in_purge', 'SELECT purge_sign_in_failures($1, $2) AS gone');

/** In place of an earlier one. */
export const openReset = named(
  'password_reset_open',
  `INSERT INTO password_reset (user_id, token_hash, expires_at) VALUES ($1, $2, $3)
   ON CONFLICT (user_id) DO UPDATE SET token_hash = EXCLUDED.token_hash, expires_at = EXCLUDED.expires_at`,
);
/** The active user whose link this is, while it lives. */
export const resetHolder = named(
  'password_reset_holder',
  `SELECT u.id, u.email FROM password_reset r JOIN app_user u ON u.id = r.user_id
   WHERE r.token_hash = $1 AND r.expires_at > $2 AND u.active`,
);
export const setPassword = named(
  'user_set_password',
  'UPDATE app_user SET password_hash = $2, must_change_password = false WHERE id = $1',
);
