import { z } from 'zod';
import {
  type Bindings,
  choiceFilters,
  exactNetworkFilters,
  type Filter,
  includeById,
  integerFilters,
  kernelErrors,
  listing,
  macField,
  named,
  networkFilters,
  type RunQuery,
  referenceFilters,
  stampListing,
  textFilters,
  timeFilters,
} from '#core';
import { addressSchema, cidrField, ipField, ipOrCidrField, vrfReference } from '#plugins/subnets';
import { conflictKinds } from './domain/conclude.ts';
import {
  type ConflictRecord,
  conclusions,
  conflictSchema,
  conflictStates,
  type DiscoveryRecord,
  discoverySchema,
  discoveryStates,
  outcomes,
  resolutions,
  resultSchema,
  type ScanRecord,
  scanModes,
  scanSchema,
  scanStates,
  severities,
} from './schemas.ts';

/** The columns of a SELECT for the fields of a list; those of objects stand by their names with a dot. */
const selected = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, sql]) => `${sql} AS "${name}"`)
    .join(', ');

const subnetName = z
  .union([z.string().max(50), z.array(z.string().max(50)).max(100)])
  .meta({ description: 'By id, or by CIDR; with all that lies in it.' });

/** Whether the subnet `s` is one of those that are named. */
function isNamed(values: readonly unknown[], bindings: Bindings): string {
  const names = bindings.bind(values, 'text[]');
  return `(s.id::text = ANY (${names}) OR s.cidr::text = ANY (${names}))`;
}

/** Whether an address lies in a subnet, or in one below it. */
const inSubnet = (alias: string): Filter => ({
  schema: subnetName,
  condition: (values, bindings) =>
    `EXISTS (SELECT FROM subnet s WHERE s.vrf_id = ${alias}.vrf_id AND s.cidr >>= ${alias}.address AND ${isNamed(values, bindings)})`,
});

const scanFields = {
  id: 'c.id',
  state: 'c.state',
  mode: 'c.mode',
  probes: 'c.probes',
  ports: 'c.ports',
  priority: 'c.priority',
  subnetIds: 'c.subnet_ids',
  cidr: 'c.cidr',
  vrfId: 'c.vrf_id',
  'progress.done': 'c.done',
  'progress.total': 'c.total',
  seen: 'c.seen',
  missed: 'c.missed',
  unknown: 'c.unknown',
  conflicts: 'c.conflicts',
  discovered: 'c.discovered',
  unreachable: 'c.unreachable',
  jobId: 'c.job_run_id',
  error: 'c.error',
  requestedBy: 'c.requested_by',
  createdAt: 'c.created_at',
  startedAt: 'c.started_at',
  finishedAt: 'c.finished_at',
};

export const scanList = listing({
  item: scanSchema,
  fields: scanFields,
  from: 'scan c',
  table: 'scan',
  idSql: 'c.id',
  sorts: {
    id: { sql: 'c.id', type: 'bigint' },
  },
  defaultSort: '-id',
  filters: {
    ...integerFilters('id', 'c.id'),
    ...choiceFilters('state', 'c.state', scanStates),
    ...choiceFilters('mode', 'c.mode', scanModes),
    ...textFilters('requestedBy', 'c.requested_by'),
    ...timeFilters('createdAt', 'c.created_at'),
    ...timeFilters('finishedAt', 'c.finished_at'),
    subnet: {
      schema: subnetName,
      condition: (values, bindings) =>
        `EXISTS (SELECT FROM scan_block b JOIN subnet s ON s.vrf_id = b.vrf_id AND s.cidr && b.block
           WHERE b.scan_id = c.id AND ${isNamed(values, bindings)})`,
    },
  },
});

const readScan = named('read_scan', `SELECT ${selected(scanFields)} FROM scan c WHERE c.id = $1`);

/** A scan as clients see it; 404 where there is none. */
export async function scanRecord(query: RunQuery, id: number): Promise<ScanRecord> {
  const [row] = await query<ScanRecord>(readScan, [id]);
  if (!row) throw kernelErrors.notFound(`There is no scan ${id}.`);
  return row;
}

export const resultList = listing({
  item: resultSchema,
  fields: {
    id: 'r.id',
    vrfId: 'r.vrf_id',
    subnetId: 'r.subnet_id',
    address: 'r.address',
    outcome: 'r.outcome',
    conclusion: 'r.conclusion',
    macs: 'r.macs::text[]',
    ptr: 'r.ptr',
    openPorts: 'r.open_ports',
    rttMs: 'r.rtt_ms',
    error: 'r.error',
  },
  from: 'scan_result r',
  table: 'scan_result',
  idSql: 'r.id',
  sorts: { id: { sql: 'r.id', type: 'bigint' }, address: { sql: 'r.address', type: 'inet' } },
  defaultSort: 'id',
  filters: {
    ...choiceFilters('outcome', 'r.outcome', outcomes),
    ...choiceFilters('conclusion', 'r.conclusion', conclusions),
    ...integerFilters('subnetId', 'r.subnet_id'),
    ...exactNetworkFilters('address', 'r.address', ipField, 'inet'),
    ...networkFilters('r.address', cidrField, ipOrCidrField),
  },
});

const vrfInclude = includeById(
  'vrfId',
  vrfReference,
  named('vrfs_of_scans', 'SELECT id, name FROM vrf WHERE id = ANY ($1::bigint[])'),
);
const addressInclude = includeById(
  'addressId',
  addressSchema.pick({ id: true, address: true, status: true, hostname: true, mac: true }).nullable(),
  named(
    'addresses_of_scans',
    'SELECT id, address, status, hostname, mac FROM address WHERE id = ANY ($1::bigint[])',
  ),
);

const ofConflict = stampListing('c');
const homeOf = (alias: string) => `longest_match(${alias}.vrf_id, ${alias}.address)`;
const placeFilters = (alias: string) => ({
  ...referenceFilters('vrf', `${alias}.vrf_id`, 'vrf', 'name'),
  ...integerFilters('vrfId', `${alias}.vrf_id`),
  subnet: inSubnet(alias),
  ...exactNetworkFilters('address', `${alias}.address`, ipField, 'inet'),
  ...networkFilters(`${alias}.address`, cidrField, ipOrCidrField),
});

const conflictFields = {
  id: 'c.id',
  vrfId: 'c.vrf_id',
  address: 'c.address',
  addressId: 'c.address_id',
  subnetId: homeOf('c'),
  kind: 'c.kind',
  severity: 'c.severity',
  state: 'c.state',
  recorded: 'c.recorded',
  observed: 'c.observed',
  detectedAt: 'c.detected_at',
  scanId: 'c.scan_id',
  resolution: 'c.resolution',
  resolvedAt: 'c.resolved_at',
  resolvedBy: 'c.resolved_by',
  note: 'c.note',
  history: 'c.history',
  ...ofConflict.fields,
};

export const conflictList = listing({
  item: conflictSchema,
  fields: conflictFields,
  from: 'conflict c',
  table: 'conflict',
  idSql: 'c.id',
  sorts: {
    ...ofConflict.sorts,
    detectedAt: { sql: 'c.detected_at', type: 'timestamptz' },
    address: { sql: 'c.address', type: 'inet' },
  },
  defaultSort: '-detectedAt',
  filters: {
    ...choiceFilters('state', 'c.state', conflictStates),
    ...choiceFilters('kind', 'c.kind', conflictKinds),
    ...choiceFilters('severity', 'c.severity', severities),
    ...choiceFilters('resolution', 'c.resolution', resolutions),
    ...placeFilters('c'),
    ...integerFilters('addressId', 'c.address_id'),
    ...timeFilters('detectedAt', 'c.detected_at'),
    ...timeFilters('resolvedAt', 'c.resolved_at'),
    ...ofConflict.filters,
  },
  includes: { vrf: vrfInclude, addressRecord: addressInclude },
});

const readConflict = named(
  'read_conflict',
  `SELECT ${selected(conflictFields)} FROM conflict c WHERE c.id = $1`,
);

/** A conflict as clients see it; 404 where there is none. */
export async function conflictRecord(query: RunQuery, id: number): Promise<ConflictRecord> {
  const [row] = await query<ConflictRecord>(readConflict, [id]);
  if (!row) throw kernelErrors.notFound(`There is no conflict ${id}.`);
  return row;
}

const ofDiscovery = stampListing('d');
const discoveryFields = {
  id: 'd.id',
  vrfId: 'd.vrf_id',
  address: 'd.address',
  subnetId: homeOf('d'),
  kind: "'unregistered'",
  state: 'd.state',
  detectedAt: 'd.detected_at',
  scanId: 'd.scan_id',
  addressId: 'd.address_id',
  mac: 'o.mac',
  ptr: 'o.ptr',
  openPorts: "coalesce(o.open_ports, '{}')",
  rttMs: 'o.rtt_ms',
  firstSeen: 'o.first_seen',
  lastSeen: 'o.last_seen',
  heldUntil: 'held_until(d.vrf_id, d.address)',
  decidedAt: 'd.decided_at',
  decidedBy: 'd.decided_by',
  note: 'd.note',
  ...ofDiscovery.fields,
};
const discoverySource =
  'discovery d LEFT JOIN observation o ON o.vrf_id = d.vrf_id AND o.address = d.address';

export const discoveryList = listing({
  item: discoverySchema,
  fields: discoveryFields,
  from: discoverySource,
  table: 'discovery',
  idSql: 'd.id',
  sorts: {
    ...ofDiscovery.sorts,
    detectedAt: { sql: 'd.detected_at', type: 'timestamptz' },
    address: { sql: 'd.address', type: 'inet' },
  },
  defaultSort: '-detectedAt',
  filters: {
    ...choiceFilters('state', 'd.state', discoveryStates),
    ...placeFilters('d'),
    ...exactNetworkFilters('mac', 'o.mac', macField, 'macaddr'),
    ...textFilters('ptr', 'o.ptr'),
    ...timeFilters('detectedAt', 'd.detected_at'),
    ...timeFilters('lastSeen', 'o.last_seen'),
    ...ofDiscovery.filters,
  },
  includes: { vrf: vrfInclude },
});

const readDiscovery = named(
  'read_discovery',
  `SELECT ${selected(discoveryFields)} FROM ${discoverySource} WHERE d.id = $1`,
);

/** A discovery as clients see it; 404 where there is none. */
export async function discoveryRecord(query: RunQuery, id: number): Promise<DiscoveryRecord> {
  const [row] = await query<DiscoveryRecord>(readDiscovery, [id]);
  if (!row) throw kernelErrors.notFound(`There is no discovery ${id}.`);
  return row;
}
