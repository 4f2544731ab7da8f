import type { PluginContext } from '#core';
import { type AddressService, createAddressService } from './addresses.ts';
import { fillDashboard } from './dashboard.ts';
import type { subnetEvents } from './events.ts';
import { addressList, rangeList, subnetList, vrfList } from './listings.ts';
import { createRangeService, type RangeService } from './ranges.ts';
import { createSpaceService, type SpaceService } from './space.ts';
import { createSubnetService, type SubnetService } from './subnets.ts';
import { createTreeService, type TreeService } from './tree.ts';
import { createVrfService, type VrfService } from './vrfs.ts';

type List = (query: Record<string, unknown>) => ReturnType<typeof subnetList.run>;

/** The address space: what other plugins get. */
export interface SubnetsApi {
  vrfs: VrfService & { list(query: Record<string, unknown>): ReturnType<typeof vrfList.run> };
  subnets: SubnetService & { list: List };
  addresses: AddressService & {
    /** All addresses, or those whose home is one subnet. */
    list(query: Record<string, unknown>, subnetId?: number): ReturnType<typeof addressList.run>;
  };
  ranges: RangeService & { list(query: Record<string, unknown>): ReturnType<typeof rangeList.run> };
  tree: TreeService;
  space: SpaceService;
}

/** Puts the address space together from its parts. */
export function createSubnetsApi(
  ctx: PluginContext<unknown, unknown, typeof subnetEvents, readonly []>,
): SubnetsApi {
  const { query } = ctx.db;
  const subnets = createSubnetService(ctx);
  fillDashboard(ctx);
  return {
    vrfs: { ...createVrfService(ctx), list: (parameters) => vrfList.run(query, parameters) },
    subnets: { ...subnets, list: (parameters) => subnetList.run(query, parameters) },
    addresses: {
      ...createAddressService(ctx),
      async list(parameters, subnetId) {
        if (subnetId === undefined) return addressList.run(query, parameters);
        await subnets.get(subnetId);
        return addressList.run(query, parameters, (bindings) => `a.subnet_id = ${bindings.bind(subnetId)}`);
      },
    },
    ranges: { ...createRangeService(ctx), list: (parameters) => rangeList.run(query, parameters) },
    tree: createTreeService(ctx),
    space: createSpaceService(ctx),
  };
}
