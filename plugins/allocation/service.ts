import { type AddressAllocator, type AllocationContext, createAddressAllocator } from './addresses.ts';
import { createExpiry, type Expiry } from './expiry.ts';
import { createReleaser, type Releaser } from './release.ts';
import { type AllocateSubnets, createSubnetAllocator } from './subnet-allocator.ts';

/** What other plugins get: handing out addresses and subnets, and taking addresses back. */
export interface AllocationApi {
  addresses: AddressAllocator;
  allocateSubnets: AllocateSubnets;
  release: Releaser;
  expiry: Expiry;
}

/** Puts the plugin together from its parts. */
export function createAllocationApi(ctx: AllocationContext): AllocationApi {
  return {
    addresses: createAddressAllocator(ctx),
    allocateSubnets: createSubnetAllocator(ctx),
    release: createReleaser(ctx),
    expiry: createExpiry(ctx),
  };
}
