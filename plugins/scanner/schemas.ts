import { z } from 'zod';
import { timestamps } from '#core';
import {
  addressAttributes,
  addressSchema,
  atMostOneOf,
  cidrField,
  ipField,
  vrfChoice,
} from '#plugins/subnets';
import { conflictKinds } from './domain/conclude.ts';

export const scanStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export const scanModes = ['real', 'mock'] as const;
export const outcomes = ['seen', 'missed', 'unknown'] as const;
export const conclusions = [...conflictKinds, 'unregistered'] as const;
export const observedStates = ['up', 'silent', 'unknown'] as const;
export const severities = ['low', 'high'] as const;
export const conflictStates = ['open', 'resolved'] as const;
export const resolutions = ['accept-observed', 'keep-recorded', 'release'] as const;
export type Resolution = (typeof resolutions)[number];
export const discoveryStates = ['open', 'registered', 'dismissed'] as const;

const moment = z.iso.datetime();
const probeNames = z
  .array(
    z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, 'A probe is named by lower case letters, digits and dashes'),
  )
  .min(1)
  .max(20);
const portList = z.array(z.int().min(1).max(65_535)).max(100);

export const scanSchema = z
  .object({
    id: z.int(),
    state: z.enum(scanStates),
    mode: z.enum(scanModes),
    probes: z.array(z.string()),
    ports: z.array(z.int()),
    priority: z.int(),
    subnetIds: z.array(z.int()).meta({ description: 'The subnets that were asked for.' }),
    cidr: z.string().nullable().meta({ description: 'The block that was asked for.' }),
    vrfId: z.int().nullable(),
    progress: z.object({ done: z.int(), total: z.int() }),
    seen: z.int(),
    missed: z.int(),
    unknown: z.int(),
    conflicts: z.int(),
    discovered: z.int(),
    unreachable: z.array(z.int()).meta({ description: 'Subnets in which everybody fell silent together.' }),
    jobId: z.int().nullable(),
    error: z.string().nullable(),
    requestedBy: z.string().nullable(),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
  })
  .meta({ id: 'Scan' });
export type ScanRecord = z.input<typeof scanSchema>;

export const newScan = z
  .strictObject({
    subnetIds: z.array(z.int().positive()).min(1).max(1_000).optional(),
    cidr: cidrField.optional(),
    ...vrfChoice,
    mode: z.enum(scanModes).optional(),
    probes: probeNames.optional(),
    ports: portList.optional(),
    priority: z.int().min(0).max(100).optional(),
  })
  .refine(({ subnetIds, cidr }) => subnetIds !== undefined || cidr !== undefined, {
    message: 'It is missing: say what to scan, by subnetIds or by cidr.',
    path: ['cidr'],
  })
  .refine(({ vrfId, vrf }) => vrfId === undefined || vrf === undefined, {
    message: 'Give vrfId or vrf, not both',
    path: ['vrf'],
  });
export type NewScan = z.output<typeof newScan>;

export const resultSchema = z
  .object({
    id: z.int(),
    vrfId: z.int(),
    subnetId: z.int(),
    address: z.string().meta({ format: 'ip' }),
    outcome: z.enum(outcomes),
    conclusion: z.enum(conclusions).nullable(),
    macs: z.array(z.string()),
    ptr: z.string().nullable(),
    openPorts: z.array(z.int()),
    rttMs: z.number().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'ScanResult' });

/** What scans saw of an address. */
export const observationSchema = z
  .object({
    state: z.enum(observedStates),
    misses: z.int().meta({ description: 'Scans in a row that it did not answer in.' }),
    firstSeen: moment.nullable(),
    lastSeen: moment.nullable(),
    lastProbed: moment,
    mac: z.string().nullable(),
    ptr: z.string().nullable(),
    openPorts: z.array(z.int()),
    rttMs: z.number().nullable(),
  })
  .meta({ id: 'Observation' });

const facts = z.record(z.string(), z.json());
export const conflictSchema = z
  .object({
    id: z.int(),
    vrfId: z.int(),
    address: z.string().meta({ format: 'ip' }),
    addressId: z.int().nullable(),
    subnetId: z.int().nullable(),
    kind: z.enum(conflictKinds),
    severity: z.enum(severities),
    state: z.enum(conflictStates),
    recorded: facts,
    observed: facts,
    detectedAt: moment,
    scanId: z.int().nullable(),
    resolution: z.enum(resolutions).nullable(),
    resolvedAt: moment.nullable(),
    resolvedBy: z.string().nullable(),
    note: z.string().nullable(),
    history: z
      .array(facts)
      .meta({ description: 'How it was resolved before it came back, the oldest first.' }),
    ...timestamps,
  })
  .meta({ id: 'Conflict' });
export type ConflictRecord = z.input<typeof conflictSchema>;

const noteField = z.string().trim().max(2_000).optional();
export const resolveBody = z.strictObject({ resolution: z.enum(resolutions), note: noteField });

/** The same for `PATCH`: null is as good as nothing. */
export const conflictPatch = resolveBody.extend({ note: z.string().trim().max(2_000).nullish() });

export const discoverySchema = z
  .object({
    id: z.int(),
    vrfId: z.int(),
    address: z.string().meta({ format: 'ip' }),
    subnetId: z.int().nullable(),
    kind: z.literal('unregistered'),
    state: z.enum(discoveryStates),
    detectedAt: moment,
    scanId: z.int().nullable(),
    addressId: z.int().nullable().meta({ description: 'The address that it was registered as.' }),
    mac: z.string().nullable(),
    ptr: z.string().nullable(),
    openPorts: z.array(z.int()),
    rttMs: z.number().nullable(),
    firstSeen: moment.nullable(),
    lastSeen: moment.nullable(),
    heldUntil: moment.nullable().meta({ description: 'Until when the address is not handed out.' }),
    decidedAt: moment.nullable(),
    decidedBy: z.string().nullable(),
    note: z.string().nullable(),
    ...timestamps,
  })
  .meta({ id: 'Discovery' });
export type DiscoveryRecord = z.input<typeof discoverySchema>;

export const registerBody = z
  .strictObject({ ...addressAttributes, role: addressSchema.shape.role.optional() })
  .refine(...atMostOneOf('deviceId', 'device'))
  .refine(...atMostOneOf('interfaceId', 'interface'));
export type RegisterBody = z.output<typeof registerBody>;

export const dismissBody = z.strictObject({ note: noteField });

export const discoveryPatch = z.strictObject({
  state: z.enum(['registered', 'dismissed']),
  note: z.string().trim().max(2_000).nullish(),
});

export const policySchema = z
  .object({
    subnetId: z.int(),
    scanInterval: z
      .int()
      .nullable()
      .meta({ description: 'Seconds from scan to scan; null: none by itself.' }),
    probes: z.array(z.string()).nullable(),
    ports: z.array(z.int()).nullable(),
    packetsPerSecond: z.int().nullable(),
    resolver: z.string().nullable(),
    canary: z
      .string()
      .nullable()
      .meta({ description: 'Who answers if the subnet can be reached; null: its gateway.' }),
    askedAt: moment.nullable().meta({ description: 'When a scan was last asked for.' }),
  })
  .meta({ id: 'ScanPolicy' });

export const policyPatch = z.strictObject({
  scanInterval: z.int().min(60).max(31_536_000).nullish(),
  probes: probeNames.nullish(),
  ports: portList.nullish(),
  packetsPerSecond: z.int().min(0).max(1_000_000).nullish(),
  resolver: ipField.nullish(),
  canary: ipField.nullish(),
});
