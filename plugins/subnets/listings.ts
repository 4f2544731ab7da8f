import { z } from 'zod';
import {
  booleanFilters,
  choiceFilters,
  commonListing,
  exactNetworkFilters,
  includeById,
  integerFilters,
  listing,
  macField,
  named,
  networkFilters,
  numberFilters,
  referenceFilters,
  textFilters,
  timeFilters,
} from '#core';
import { vlanFilters, vlanInclude } from '#plugins/vlans';
import { cidrField, ipField, ipOrCidrField } from './fields.ts';
import { firstHolders } from './holder-list.ts';
import { addressHolder, deviceReference, interfaceReference } from './holder-schemas.ts';
import {
  addressRoles,
  addressSchema,
  addressStatuses,
  subnetReference,
  subnetSchema,
  subnetStatuses,
  vrfReference,
  vrfSchema,
} from './schemas.ts';

const ofVrf = commonListing('v');
const ofSubnet = commonListing('s');
const ofAddress = commonListing('a');

const subnetReferences = named(
  'subnet_references',
  'SELECT id, cidr, name, status FROM subnet WHERE id = ANY ($1::bigint[])',
);

/** The ids and names of some rows of a table. */
const namesOf = (table: string) =>
  named(`${table}_references`, `SELECT id, name FROM ${table} WHERE id = ANY ($1::bigint[])`);

const vrfInclude = includeById('vrfId', vrfReference, namesOf('vrf'));

export const vrfFields = { id: 'v.id', name: 'v.name', rd: 'v.rd', ...ofVrf.fields };

export const vrfList = listing({
  item: vrfSchema,
  fields: vrfFields,
  from: 'vrf v',
  table: 'vrf',
  idSql: 'v.id',
  sorts: { ...ofVrf.sorts, name: { sql: 'v.name', type: 'text' } },
  defaultSort: 'name',
  filters: { ...ofVrf.filters, ...textFilters('name', 'v.name'), ...textFilters('rd', 'v.rd') },
});

export const subnetFields = {
  id: 's.id',
  vrfId: 's.vrf_id',
  cidr: 's.cidr',
  family: 'family(s.cidr)',
  prefixLength: 'masklen(s.cidr)',
  parentId: 's.parent_id',
  name: 's.name',
  status: 's.status',
  vlanId: 's.vlan_id',
  gateway: 's.gateway',
  allowNetworkAndBroadcast: 's.allow_network_and_broadcast',
  strategy: 's.strategy',
  childStrategy: 's.child_strategy',
  minChildPrefixLength: 's.min_child_prefix_length',
  maxChildPrefixLength: 's.max_child_prefix_length',
  defaultChildPrefixLength: 's.default_child_prefix_length',
  cooldownSeconds: 's.cooldown_seconds',
  monitored: 's.monitored',
  childCount: 'u.child_count',
  'utilization.total': 'u.total',
  'utilization.used': 'u.children + u.ranged + u.taken',
  'utilization.reserved': 'u.reserved',
  'utilization.quarantined': 'u.quarantined',
  'utilization.free': 'greatest(u.total - u.children - u.ranged - u.taken, 0)',
  'utilization.percent': 'u.percent::float8',
  ...ofSubnet.fields,
};

/** The same with the sums over the branch. */
export const rolledUpFields = {
  ...subnetFields,
  'rollup.total': 'u.total',
  'rollup.used': 'coalesce(b.used, 0)',
  'rollup.reserved': 'coalesce(b.reserved, 0)',
  'rollup.quarantined': 'coalesce(b.quarantined, 0)',
  'rollup.free': 'greatest(u.total - coalesce(b.used, 0), 0)',
  'rollup.percent': 'least(100, round(100 * coalesce(b.used, 0) / u.total, 2))::float8',
  'rollup.asOf': '(SELECT as_of FROM rollup_state)',
};

/** A count of addresses: a number, or text where a number would lose digits. */
export function wireCount(text: unknown): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : String(text);
}

/** Turns the counts of a subnet's row into what clients see; into the row itself, since lists have many. */
export function subnetOf(row: Record<string, unknown>): Record<string, unknown> {
  countsOf(row.utilization as Record<string, unknown>);
  if (row.rollup) countsOf(row.rollup as Record<string, unknown>);
  return row;
}

function countsOf(usage: Record<string, unknown>): void {
  usage.total = wireCount(usage.total);
  usage.used = wireCount(usage.used);
  usage.reserved = wireCount(usage.reserved);
  usage.quarantined = wireCount(usage.quarantined);
  usage.free = wireCount(usage.free);
}

export const rolledUpSource =
  'subnet s JOIN subnet_usage u ON u.subnet_id = s.id LEFT JOIN subnet_rollup b ON b.subnet_id = s.id';

export const subnetList = listing({
  item: subnetSchema,
  fields: rolledUpFields,
  from: rolledUpSource,
  table: 'subnet',
  idSql: 's.id',
  shape: subnetOf,
  sorts: {
    ...ofSubnet.sorts,
    cidr: { sql: 's.cidr', type: 'cidr' },
    name: { sql: 's.name', type: 'text', nullable: true },
    status: { sql: 's.status', type: 'text' },
    utilization: { sql: 'u.percent', type: 'numeric', idSql: 'u.subnet_id' },
  },
  defaultSort: 'cidr',
  filters: {
    ...ofSubnet.filters,
    ...referenceFilters('vrf', 's.vrf_id', 'vrf', 'name'),
    ...integerFilters('vrfId', 's.vrf_id'),
    ...integerFilters('parentId', 's.parent_id'),
    ...vlanFilters('s.vlan_id'),
    ...exactNetworkFilters('cidr', 's.cidr', cidrField, 'cidr'),
    ...networkFilters('s.cidr', cidrField, ipOrCidrField),
    ...textFilters('name', 's.name'),
    ...choiceFilters('status', 's.status', subnetStatuses),
    ...booleanFilters('allowNetworkAndBroadcast', 's.allow_network_and_broadcast'),
    ...textFilters('strategy', 's.strategy'),
    ...textFilters('childStrategy', 's.child_strategy'),
    ...booleanFilters('monitored', 's.monitored'),
    ...numberFilters('utilization', 'u.percent'),
  },
  q: { network: 'cidr' },
  includes: {
    vrf: vrfInclude,
    parent: includeById('parentId', subnetReference.nullable(), subnetReferences),
    vlan: vlanInclude,
  },
});

export const addressFields = {
  id: 'a.id',
  vrfId: 'a.vrf_id',
  subnetId: 'a.subnet_id',
  address: 'a.address',
  family: 'family(a.address)',
  status: 'a.status',
  hostname: 'a.hostname',
  mac: 'a.mac',
  deviceId: 'a.device_id',
  interfaceId: 'a.interface_id',
  role: 'a.role',
  expiresAt: 'a.expires_at',
  availableAt: 'a.available_at',
  ...ofAddress.fields,
};

export const addressList = listing({
  item: addressSchema,
  fields: addressFields,
  from: 'address a',
  table: 'address',
  idSql: 'a.id',
  sorts: {
    ...ofAddress.sorts,
    address: { sql: 'a.address', type: 'inet' },
    hostname: { sql: 'a.hostname', type: 'text', nullable: true },
    status: { sql: 'a.status', type: 'text' },
    expiresAt: { sql: 'a.expires_at', type: 'timestamptz', nullable: true },
  },
  defaultSort: 'address',
  filters: {
    ...ofAddress.filters,
    ...referenceFilters('vrf', 'a.vrf_id', 'vrf', 'name'),
    ...integerFilters('vrfId', 'a.vrf_id'),
    ...integerFilters('subnetId', 'a.subnet_id'),
    ...exactNetworkFilters('address', 'a.address', ipField, 'inet'),
    ...networkFilters('a.address', cidrField, ipOrCidrField),
    ...choiceFilters('status', 'a.status', addressStatuses),
    ...textFilters('hostname', 'a.hostname'),
    ...exactNetworkFilters('mac', 'a.mac', macField, 'macaddr'),
    ...choiceFilters('role', 'a.role', addressRoles),
    ...referenceFilters('device', 'a.device_id', 'device', 'name'),
    ...integerFilters('deviceId', 'a.device_id'),
    ...referenceFilters('interface', 'a.interface_id', 'interface', 'name'),
    ...integerFilters('interfaceId', 'a.interface_id'),
    ...timeFilters('expiresAt', 'a.expires_at'),
  },
  q: { network: 'address' },
  includes: {
    vrf: vrfInclude,
    subnet: includeById('subnetId', subnetReference, subnetReferences),
    device: includeById('deviceId', deviceReference.nullable(), namesOf('device')),
    interface: includeById('interfaceId', interfaceReference.nullable(), namesOf('interface')),
    assignments: {
      schema: z.array(addressHolder).meta({
        description: 'Who holds it, the first hundred; GET /addresses/{id}/assignments lists them all.',
      }),
      load: firstHolders,
    },
  },
});
