import { idParams, route, stream } from '#core';
import { addressSchema, subnetErrors } from '#plugins/subnets';
import { scannerErrors } from './errors.ts';
import { conflictList, discoveryList, resultList, scanList } from './lists.ts';
import {
  conflictPatch,
  conflictSchema,
  discoveryPatch,
  discoverySchema,
  dismissBody,
  newScan,
  policyPatch,
  policySchema,
  registerBody,
  resolveBody,
  scanSchema,
} from './schemas.ts';
import type { ScannerApi } from './service.ts';

const tag = 'Scanner';
const read = { method: 'get', tag, permission: 'scans:read' } as const;
const { scanEnded, nothingToScan, conflictResolved, nothingToAccept, discoveryDecided } = scannerErrors;

/** /scans, what they saw, and how subnets are scanned. */
export function scanRoutes({ scans, policies }: ScannerApi) {
  return [
    route({
      ...read,
      path: '/scans',
      summary: 'List scans',
      query: scanList.query,
      returns: scanList.page,
      handler: ({ query }) => scans.list(query),
    }),
    route({
      method: 'post',
      tag,
      path: '/scans',
      summary: 'Ask for a scan',
      description:
        'Of subnets, or of a block: the part of a subnet that it is, or the subnets that lie in it. Nothing outside of registered subnets is asked. IPv6 is asked address by address up to 4096 of them, beyond that those that are known. A scan of one subnet takes probes and ports from its policy where it names none.',
      permission: 'scans:write',
      body: newScan,
      example: { cidr: '10.0.0.0/24', probes: ['icmp', 'tcp'], ports: [22, 443] },
      returns: scanSchema,
      status: 202,
      throws: [nothingToScan],
      handler: async ({ body, write, setHeader }) => {
        const scan = await write((tx) => scans.create(tx, body));
        setHeader('Location', `/api/v1/scans/${scan.id}`);
        return scan;
      },
    }),
    route({
      ...read,
      path: '/scans/{id}',
      summary: 'Show a scan and how far it is',
      params: idParams,
      returns: scanSchema,
      handler: ({ params }) => scans.get(params.id),
    }),
    route({
      method: 'delete',
      tag,
      path: '/scans/{id}',
      summary: 'Cancel a scan',
      description: 'It stops within two seconds; what it has seen by then stays.',
      permission: 'scans:write',
      params: idParams,
      throws: [scanEnded],
      handler: async ({ params, write }) => {
        await write((tx) => scans.cancel(tx, params.id));
      },
    }),
    route({
      ...read,
      path: '/scans/{id}/results',
      summary: 'List what a scan saw, address by address',
      params: idParams,
      query: resultList.query,
      returns: resultList.page,
      handler: ({ params, query }) => scans.results(params.id, query),
    }),
    stream({
      tag,
      permission: 'scans:read',
      path: '/scans/{id}/events',
      summary: 'Follow a scan',
      description: 'The scan as it is now, and each time that it has got further, until it has ended.',
      params: idParams,
      event: scanSchema,
      handler: async ({ params }) => {
        await scans.get(params.id);
        return scans.follow(params.id);
      },
    }),
    route({
      ...read,
      path: '/subnets/{id}/scan-policy',
      summary: 'Show how a subnet is scanned',
      params: idParams,
      returns: policySchema,
      handler: ({ params }) => policies.get(params.id),
    }),
    route({
      method: 'patch',
      tag,
      path: '/subnets/{id}/scan-policy',
      summary: 'Change how a subnet is scanned',
      description:
        '`scanInterval` has it scanned by itself; null leaves it to the settings again, as everything else.',
      permission: 'scans:write',
      dryRun: true,
      params: idParams,
      body: policyPatch,
      example: { scanInterval: 3_600, packetsPerSecond: 100 },
      returns: policySchema,
      handler: ({ params, body, write }) => write((tx) => policies.change(tx, params.id, body)),
    }),
  ];
}

const decide = { tag, permission: 'addresses:write', dryRun: true, params: idParams } as const;

/** /conflicts and /discoveries: what somebody has to decide. */
export function inboxRoutes({ conflicts, discoveries }: ScannerApi) {
  return [
    route({
      ...read,
      path: '/conflicts',
      summary: 'List conflicts between register and network',
      query: conflictList.query,
      returns: conflictList.page,
      handler: ({ query }) => conflicts.list(query),
    }),
    route({
      ...read,
      path: '/conflicts/{id}',
      summary: 'Show a conflict',
      params: idParams,
      query: conflictList.recordQuery,
      returns: conflictList.record,
      handler: ({ params, query }) => conflicts.show(params.id, query),
    }),
    route({
      ...decide,
      method: 'post',
      path: '/conflicts/{id}/resolve',
      summary: 'Resolve a conflict',
      description:
        '`accept-observed` takes over what was seen, `keep-recorded` leaves the register as it was, `release` frees the address. Each ends the quarantine.',
      body: resolveBody,
      example: { resolution: 'accept-observed', note: 'The card was replaced.' },
      returns: conflictSchema,
      throws: [conflictResolved, nothingToAccept, subnetErrors.addressIsGateway],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => conflicts.resolve(tx, params.id, body.resolution, body.note, ifMatch)),
    }),
    route({
      ...decide,
      method: 'patch',
      path: '/conflicts/{id}',
      summary: 'Resolve a conflict by changing it',
      description: 'The same as `POST /conflicts/{id}/resolve`, also for several at once.',
      bulk: {
        lock: (tx, items) =>
          conflicts.lock(
            tx,
            items.map(({ params }) => params.id),
          ),
      },
      body: conflictPatch,
      example: { resolution: 'keep-recorded' },
      returns: conflictSchema,
      throws: [conflictResolved, nothingToAccept, subnetErrors.addressIsGateway],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => conflicts.resolve(tx, params.id, body.resolution, body.note ?? undefined, ifMatch)),
    }),
    route({
      ...read,
      path: '/discoveries',
      summary: 'List who answers unregistered',
      query: discoveryList.query,
      returns: discoveryList.page,
      handler: ({ query }) => discoveries.list(query),
    }),
    route({
      ...read,
      path: '/discoveries/{id}',
      summary: 'Show a discovery',
      params: idParams,
      query: discoveryList.recordQuery,
      returns: discoveryList.record,
      handler: ({ params, query }) => discoveries.show(params.id, query),
    }),
    route({
      ...decide,
      method: 'post',
      path: '/discoveries/{id}/register',
      summary: 'Register the address of a discovery',
      description: 'With the MAC and the host name that were observed, unless the body says otherwise.',
      body: registerBody,
      example: { hostname: 'printer-7.example.net' },
      returns: addressSchema,
      status: 201,
      throws: [discoveryDecided, subnetErrors.addressTaken, subnetErrors.addressNeedsSubnet],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => discoveries.register(tx, params.id, body, ifMatch)),
    }),
    route({
      ...decide,
      method: 'post',
      path: '/discoveries/{id}/dismiss',
      summary: 'Dismiss a discovery',
      description: 'The address may be handed out again. It comes back where another MAC answers there.',
      body: dismissBody,
      example: { note: 'A visitor.' },
      returns: discoverySchema,
      throws: [discoveryDecided],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => discoveries.dismiss(tx, params.id, body.note, ifMatch)),
    }),
    route({
      ...decide,
      method: 'patch',
      path: '/discoveries/{id}',
      summary: 'Decide a discovery by changing it',
      description:
        'The same as to register it as it was observed, or to dismiss it, also for several at once.',
      bulk: {
        lock: (tx, items) =>
          discoveries.lock(
            tx,
            items.map(({ params }) => params.id),
          ),
      },
      body: discoveryPatch,
      example: { state: 'dismissed' },
      returns: discoverySchema,
      throws: [discoveryDecided, subnetErrors.addressTaken],
      handler: ({ params, body, write, ifMatch }) =>
        write((tx) => discoveries.decide(tx, params.id, body.state, body.note ?? undefined, ifMatch)),
    }),
  ];
}
