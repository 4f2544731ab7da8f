import { notifiableEvents } from '#core';
import { holdings } from '#plugins/devices';
import { policyChecks } from '#plugins/subnets';
import { builtInAddressStrategies } from './address-strategies.ts';
import { type AddressAllocator, type AllocationContext, createAddressAllocator } from './addresses.ts';
import { allocationNotices } from './events.ts';
import { createExpiry, type Expiry } from './expiry.ts';
import { addressHolding } from './held.ts';
import { createPoolService, type PoolService } from './pools.ts';
import { secureDraw } from './random.ts';
import { createReleaser, type Releaser } from './release.ts';
import {
  allocationStrategies,
  catalogue,
  policyCheck,
  type Strategies,
  subnetStrategies,
} from './strategies.ts';
import { type AllocateSubnets, createSubnetAllocator } from './subnet-allocator.ts';
import { builtInSubnetStrategies } from './subnet-strategies.ts';

/** What other plugins get: handing out addresses and subnets, and taking addresses back. */
export interface AllocationApi {
  addresses: AddressAllocator;
  allocateSubnets: AllocateSubnets;
  release: Releaser;
  expiry: Expiry;
  pools: PoolService;
  strategies: Strategies;
}

/** Puts the plugin together from its parts. */
export function createAllocationApi(ctx: AllocationContext): AllocationApi {
  for (const strategy of builtInAddressStrategies) ctx.extend(allocationStrategies, strategy);
  for (const strategy of builtInSubnetStrategies) ctx.extend(subnetStrategies, strategy);
  const strategies = {
    addresses: catalogue('addresses', () => ctx.extensions(allocationStrategies)),
    subnets: catalogue('subnets', () => ctx.extensions(subnetStrategies)),
  };
  for (const notice of allocationNotices) ctx.extend(notifiableEvents, notice);
  ctx.extend(policyChecks, policyCheck(strategies));
  ctx.extend(holdings, addressHolding(ctx));
  const addresses = createAddressAllocator(ctx, strategies.addresses, secureDraw);
  const subnets = createSubnetAllocator(ctx, strategies.subnets, secureDraw);
  return {
    addresses,
    allocateSubnets: (tx, subnetId, wish) => subnets.from(tx, { subnetIds: [subnetId] }, wish),
    release: createReleaser(ctx),
    expiry: createExpiry(ctx),
    pools: createPoolService(ctx, { strategies, addresses, subnets }),
    strategies,
  };
}
