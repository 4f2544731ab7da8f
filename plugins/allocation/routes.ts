import { idParams, kernelErrors, route } from '#core';
import { addressSchema, subnetErrors } from '#plugins/subnets';
import { allocationErrors } from './errors.ts';
import { allocatedAddresses, allocatedSubnets, createWishSchemas, releaseList } from './schemas.ts';
import type { AllocationApi } from './service.ts';

const { insufficientSpace } = subnetErrors;
const {
  addressInRange,
  addressCoolingDown,
  addressQuarantined,
  addressOutside,
  addressNotUsable,
  strategyUnknown,
} = allocationErrors;

/** Handing out and taking back. */
export function allocationRoutes({ addresses, allocateSubnets, release, strategies }: AllocationApi) {
  const { wishes, subnetWish } = createWishSchemas(strategies);
  const common = { method: 'post', tag: 'Allocation', permission: 'allocation:write', dryRun: true } as const;
  return [
    route({
      ...common,
      path: '/subnets/{id}/allocations',
      summary: 'Hand out addresses',
      description:
        'By a strategy (that of the subnet unless one is named), or one by name; a list of wishes is granted whole or not at all.',
      params: idParams,
      body: wishes,
      example: { count: 2, hostname: 'web.example.net', status: 'assigned' },
      returns: allocatedAddresses,
      status: 201,
      throws: [
        insufficientSpace,
        subnetErrors.addressTaken,
        addressInRange,
        addressCoolingDown,
        addressOutside,
        addressNotUsable,
        strategyUnknown,
      ],
      idempotency: 'own',
      handler: async ({ params, body, caller, dryRun, write, idempotency, replayed, answerAfter }) => {
        const {
          addresses: handed,
          replayed: change,
          onDisk,
        } = dryRun || Array.isArray(body)
          ? await write((tx) => addresses.allOnce(tx, params.id, [body].flat(), idempotency))
          : await addresses.once(caller, params.id, body, idempotency);
        if (change !== undefined) replayed(change);
        if (onDisk) answerAfter(onDisk);
        return { addresses: handed };
      },
    }),
    route({
      ...common,
      path: '/subnets/{id}/subnet-allocations',
      summary: 'Hand out subnets of one prefix length',
      description:
        '`best-fit` keeps large blocks whole, `first` takes the lowest, `sparse` leaves each room to grow.',
      params: idParams,
      body: subnetWish,
      example: { prefixLength: 26, count: 1, strategy: 'best-fit', name: 'Lab' },
      returns: allocatedSubnets,
      status: 201,
      throws: [insufficientSpace, strategyUnknown],
      handler: async ({ params, body, write }) => ({
        subnets: await write((tx) => allocateSubnets(tx, params.id, body)),
      }),
    }),
    route({
      ...common,
      path: '/addresses/{id}/release',
      summary: 'Release an address',
      description:
        'Its row stays as `free`, and is handed out again once the cooldown is over. Releasing twice is fine; one in quarantine is kept.',
      params: idParams,
      returns: addressSchema,
      throws: [addressQuarantined, subnetErrors.addressIsGateway],
      handler: ({ params, write }) => write((tx) => release.one(tx, params.id)),
    }),
    route({
      ...common,
      path: '/addresses/release',
      summary: 'Release several addresses',
      description: 'By id or by name; all of them or none.',
      body: releaseList,
      example: { addresses: ['10.0.0.10', '10.0.0.11'], vrf: 'global' },
      returns: allocatedAddresses,
      throws: [kernelErrors.notFound, addressQuarantined, subnetErrors.addressIsGateway],
      handler: async ({ body, write }) => ({ addresses: await write((tx) => release.all(tx, body)) }),
    }),
  ];
}
