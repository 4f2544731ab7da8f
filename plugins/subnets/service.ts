import { kernelErrors, listExtensions, type PluginContext, restorers } from '#core';
import { deviceModel, type devices } from '#plugins/devices';
import { vlanModel, type vlans } from '#plugins/vlans';
import { type AddressService, createAddressService } from './addresses.ts';
import { type AssignmentService, createAssignmentService } from './assignments.ts';
import { fillDashboard } from './dashboard.ts';
import { createDriftService, type DriftService } from './drift.ts';
import type { subnetEvents } from './events.ts';
import { createHeldService, type HeldService } from './held.ts';
import { heldByDevice } from './holder-list.ts';
import { addressList, subnetList, vrfList } from './listings.ts';
import { createMapService, type MapService } from './map.ts';
import { primaryAddresses } from './primary.ts';
import { rangeList } from './range-list.ts';
import { createRangeService, type RangeService } from './ranges.ts';
import type { SubnetRecord } from './records.ts';
import { blockRestorer } from './reshape/restore.ts';
import { createReshapeService, type ReshapeService } from './reshape/service.ts';
import { createRollupService, type RollupService } from './rollup.ts';
import type { AddressRecord } from './schemas.ts';
import { createSpaceService, type SpaceService } from './space.ts';
import { createSubnetService, type SubnetService } from './subnets.ts';
import { subnetsOfVlans } from './subnets-of-vlans.ts';
import { createTreeService, type TreeService } from './tree.ts';
import { createVrfService, type VrfService } from './vrfs.ts';

type Parameters = Record<string, unknown>;
type SubnetPage = ReturnType<typeof subnetList.run>;
type AddressPage = ReturnType<typeof addressList.run>;

/** The address space: what other plugins get. */
export interface SubnetsApi {
  /** The lists with what other plugins add to them: what routes take and answer. */
  lists: {
    vrfs: typeof vrfList;
    subnets: typeof subnetList;
    addresses: typeof addressList;
    ranges: typeof rangeList;
  };
  vrfs: VrfService & { list(query: Parameters): ReturnType<typeof vrfList.run> };
  subnets: SubnetService & {
    list(query: Parameters): SubnetPage;
    /** One subnet as `fields` and `include` ask for it. */
    show(id: number, query: Parameters): Promise<SubnetRecord>;
  };
  addresses: AddressService & {
    /** All addresses, or those whose home is one subnet. */
    list(query: Parameters, subnetId?: number): AddressPage;
    /** One address as `fields` and `include` ask for it. */
    show(id: number, query: Parameters): Promise<AddressRecord>;
    /** All that a device holds, alone or with others. */
    ofDevice(deviceId: number, query: Parameters): AddressPage;
  };
  assignments: AssignmentService;
  /** What a whole device or interface holds. */
  held: HeldService;
  ranges: RangeService & { list(query: Record<string, unknown>): ReturnType<typeof rangeList.run> };
  tree: TreeService;
  space: SpaceService & MapService;
  reshape: ReshapeService;
  rollup: RollupService;
  drift: DriftService;
}

/** Puts the address space together from its parts. */
export function createSubnetsApi(
  ctx: PluginContext<unknown, unknown, typeof subnetEvents, readonly [typeof vlans, typeof devices]>,
): SubnetsApi {
  const { query } = ctx.db;
  const subnets = createSubnetService(ctx);
  const addresses = createAddressService(ctx);
  const lists = {
    vrfs: vrfList.extendedBy(ctx),
    subnets: subnetList.extendedBy(ctx),
    addresses: addressList.extendedBy(ctx),
    ranges: rangeList.extendedBy(ctx),
  };
  fillDashboard(ctx);
  ctx.extend(listExtensions, { list: deviceModel.list, includes: { primaryAddresses } });
  ctx.extend(restorers, blockRestorer);
  ctx.extend(listExtensions, { list: vlanModel.list, includes: { subnets: subnetsOfVlans } });
  return {
    lists,
    vrfs: { ...createVrfService(ctx), list: (parameters) => lists.vrfs.run(query, parameters) },
    subnets: {
      ...subnets,
      list: (parameters) => lists.subnets.run(query, parameters),
      show: async (id, parameters) => lists.subnets.complete(query, await subnets.get(id), parameters),
    },
    addresses: {
      ...addresses,
      async list(parameters, subnetId) {
        if (subnetId === undefined) return lists.addresses.run(query, parameters);
        await subnets.get(subnetId);
        return lists.addresses.run(
          query,
          parameters,
          (bindings) => `a.subnet_id = ${bindings.bind(subnetId)}`,
        );
      },
      show: async (id, parameters) => lists.addresses.complete(query, await addresses.get(id), parameters),
      async ofDevice(deviceId, parameters) {
        const [device] = await query('SELECT FROM device WHERE id = $1', [deviceId]);
        if (!device) throw kernelErrors.notFound(`There is no device ${deviceId}.`);
        return lists.addresses.run(query, parameters, heldByDevice(deviceId));
      },
    },
    assignments: createAssignmentService(ctx, addresses),
    held: createHeldService(ctx),
    tree: createTreeService(ctx, lists.subnets),
    space: { ...createSpaceService(ctx), ...createMapService(ctx) },
    ranges: { ...createRangeService(ctx), list: (parameters) => lists.ranges.run(query, parameters) },
    reshape: createReshapeService({ emit: ctx.emit, subnets }),
    rollup: createRollupService(ctx),
    drift: createDriftService(ctx),
  };
}
