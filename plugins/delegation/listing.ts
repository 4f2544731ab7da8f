import {
  choiceFilters,
  exactNetworkFilters,
  includeById,
  integerFilters,
  listing,
  named,
  networkFilters,
  referenceFilters,
  stampListing,
} from '#core';
import { cidrField, ipOrCidrField, vrfReference } from '#plugins/subnets';
import { grantedRoles, grantSchema, userReference } from './schemas.ts';

const stamps = stampListing('g');

export const grantFields = {
  id: 'g.id',
  userId: 'g.user_id',
  role: 'g.role',
  vrfId: 'g.vrf_id',
  cidr: 'g.cidr',
  ...stamps.fields,
};

/** GET /grants. */
export const grantList = listing({
  item: grantSchema,
  fields: grantFields,
  from: 'branch_grant g',
  table: 'branch_grant',
  idSql: 'g.id',
  sorts: {
    ...stamps.sorts,
    cidr: { sql: 'g.cidr', type: 'cidr' },
    userId: { sql: 'g.user_id', type: 'bigint' },
  },
  defaultSort: 'cidr',
  filters: {
    ...stamps.filters,
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
