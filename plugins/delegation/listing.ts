import {
  choiceFilters,
  exactNetworkFilters,
  includeById,
  integerFilters,
  listing,
  named,
  networkFilters,
  referenceFilters,
} from '#core';
import { cidrField, commonListing, ipOrCidrField, vrfReference } from '#plugins/subnets';
import { grantedRoles, grantSchema, userReference } from './schemas.ts';

export const grantFields = {
  id: 'g.id',
  userId: 'g.user_id',
  role: 'g.role',
  vrfId: 'g.vrf_id',
  cidr: 'g.cidr',
  version: 'g.version',
  createdAt: 'g.created_at',
  updatedAt: 'g.updated_at',
  createdBy: 'g.created_by',
  updatedBy: 'g.updated_by',
};
const { id, createdAt } = commonListing('g').sorts;

/** GET /grants. */
export const grantList = listing({
  item: grantSchema,
  fields: grantFields,
  from: 'branch_grant g',
  table: 'branch_grant',
  idSql: 'g.id',
  sorts: {
    id,
    createdAt,
    cidr: { sql: 'g.cidr', type: 'cidr' },
    userId: { sql: 'g.user_id', type: 'bigint' },
  },
  defaultSort: 'cidr',
  filters: {
    ...referenceFilters('user', 'g.user_id', 'app_user', 'email'),
    ...integerFilters('userId', 'g.user_id'),
    ...choiceFilters('role', 'g.role', grantedRoles),
    ...referenceFilters('vrf', 'g.vrf_id', 'vrf', 'name'),
    ...integerFilters('vrfId', 'g.vrf_id'),
    ...exactNetworkFilters('cidr', 'g.cidr', cidrField, 'cidr'),
    ...networkFilters('g.cidr', cidrField, ipOrCidrField),
  },
  includes: {
    user: includeById(
      'userId',
      userReference,
      named('grant_user_references', 'SELECT id, email, name FROM app_user WHERE id = ANY ($1::bigint[])'),
    ),
    vrf: includeById(
      'vrfId',
      vrfReference,
      named('grant_vrf_references', 'SELECT id, name FROM vrf WHERE id = ANY ($1::bigint[])'),
    ),
  },
});
