import {
  booleanFilters,
  choiceFilters,
  commonListing,
  exactNetworkFilters,
  integerFilters,
  listing,
  referenceFilters,
  runFilters,
} from '#core';
import { cidrField, ipField, ipOrCidrField } from './fields.ts';
import { wireCount } from './listings.ts';
import { rangePurposes, rangeSchema } from './range-schemas.ts';

const ofRange = commonListing('r');

export const rangeFields = {
  id: 'r.id',
  vrfId: 'r.vrf_id',
  start: 'r.start_ip',
  end: 'r.end_ip',
  family: 'family(r.start_ip)',
  // A field of its own object, so that a list of chosen fields has it shaped, too.
  'size.addresses': 'span_size(r.start_ip, r.end_ip)',
  purpose: 'r.purpose',
  allocatable: 'r.allocatable',
  countAsUsed: 'r.count_as_used',
  ...ofRange.fields,
};

/** Makes the size of a range's row a number where it fits one. */
export function rangeOf({ size, ...row }: Record<string, unknown>): Record<string, unknown> {
  return { ...row, size: wireCount((size as { addresses: unknown }).addresses) };
}

export const rangeList = listing({
  item: rangeSchema,
  fields: rangeFields,
  from: 'ip_range r',
  table: 'ip_range',
  idSql: 'r.id',
  shape: rangeOf,
  sorts: {
    ...ofRange.sorts,
    start: { sql: 'r.start_ip', type: 'inet' },
    purpose: { sql: 'r.purpose', type: 'text' },
  },
  defaultSort: 'start',
  filters: {
    ...ofRange.filters,
    ...referenceFilters('vrf', 'r.vrf_id', 'vrf', 'name'),
    ...integerFilters('vrfId', 'r.vrf_id'),
    ...exactNetworkFilters('start', 'r.start_ip', ipField, 'inet'),
    ...exactNetworkFilters('end', 'r.end_ip', ipField, 'inet'),
    ...runFilters('r.start_ip', 'r.end_ip', cidrField, ipOrCidrField),
    ...choiceFilters('purpose', 'r.purpose', rangePurposes),
    ...booleanFilters('allocatable', 'r.allocatable'),
    ...booleanFilters('countAsUsed', 'r.count_as_used'),
  },
});
