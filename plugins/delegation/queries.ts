import { named } from '#core';
import { grantFields } from './listing.ts';

const columns = Object.entries(grantFields)
  .map(([field, sql]) => `${sql} AS "${field}"`)
  .join(', ');

export const grantById = named('grant_by_id', `SELECT ${columns} FROM branch_grant g WHERE g.id = $1`);
export const insertGrant = named(
  'grant_insert',
  `INSERT INTO branch_grant AS g (user_id, role, vrf_id, cidr) VALUES ($1, $2, $3, $4) RETURNING ${columns}`,
);
export const lockGrant = named(
  'grant_lock',
  `SELECT ${columns} FROM branch_grant g WHERE g.id = $1 FOR UPDATE`,
);
export const deleteGrant = named('grant_delete', 'DELETE FROM branch_grant WHERE id = $1');

/** What a user may on branches. */
export const grantsOfUser = named(
  'grants_of_user',
  `SELECT g.role, g.vrf_id AS "vrfId", v.name AS vrf, g.cidr FROM branch_grant g JOIN vrf v ON v.id = g.vrf_id
    WHERE g.user_id = $1 ORDER BY v.name, g.cidr, g.role`,
);
