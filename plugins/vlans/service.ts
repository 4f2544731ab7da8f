import type { z } from 'zod';
import type { PluginContext, Tx } from '#core';
import type { sites } from '#plugins/sites';
import { allocateVlans } from './allocation.ts';
import type { vlanEvents } from './events.ts';
import { freeVidList } from './free-vids.ts';
import { vlanGroups, vlanModel } from './models.ts';
import type { vlanWish } from './schemas.ts';

type VlanService = ReturnType<typeof vlanModel.service>;
type VlanRecord = z.input<typeof vlanModel.schema>;

/** VLANs and their groups: what other plugins get. */
export interface VlansApi {
  groups: ReturnType<typeof vlanGroups.service>;
  vlans: VlanService;
  /** Makes VLANs of the lowest free VIDs of a group, or one of a VID that is named; all or none, by ascending VID. */
  allocate(tx: Tx, groupId: number, wish: z.output<typeof vlanWish>): Promise<VlanRecord[]>;
  /** The runs of VIDs that no VLAN of a group has; 404 where there is no such group. */
  freeVids(groupId: number, query: Record<string, unknown>): ReturnType<typeof freeVidList.run>;
}

/** Puts the plugin together from its parts. */
export function createVlansApi(
  ctx: PluginContext<unknown, unknown, typeof vlanEvents, readonly [typeof sites]>,
): VlansApi {
  const { db, emit } = ctx;
  const announced = ({ id, groupId, vid }: VlanRecord) => ({ id, groupId, vid });
  const groups = vlanGroups.service(ctx, {
    afterWrite: (tx, { deed, record: { id, name } }) => emit(tx, `vlan-group.${deed}`, { id, name }),
  });
  const vlans = vlanModel.service(ctx, {
    afterWrite: (tx, { deed, record }) => emit(tx, `vlan.${deed}`, announced(record)),
  });
  return {
    groups,
    vlans,

    async allocate(tx, groupId, wish) {
      const ids = await allocateVlans(tx, groupId, wish);
      const { items } = await vlans.listing.run(
        tx.query,
        { limit: ids.length },
        (bindings) => `r.id = ANY (${bindings.bind(ids, 'bigint[]')})`,
      );
      for (const vlan of items) await emit(tx, 'vlan.created', announced(vlan));
      return items;
    },

    async freeVids(groupId, query) {
      await groups.get(groupId);
      return freeVidList.run(
        db.query,
        query,
        (bindings) => `f.group_id = ${bindings.bind(groupId, 'bigint')}`,
      );
    },
  };
}
