import { idParams, route } from '#core';
import { vlanErrors } from './errors.ts';
import { freeVidList } from './free-vids.ts';
import { vlanGroups, vlanModel } from './models.ts';
import { allocatedVlans, vlanWish } from './schemas.ts';
import type { VlansApi } from './service.ts';

const { vidsExhausted, vlanTaken, vidOutsideGroup, vidRangesInUse, vlanGroupDefault } = vlanErrors;

/** /vlan-groups, with their free VIDs, and /vlans. */
export function vlanRoutes({ groups, vlans, allocate, freeVids }: VlansApi) {
  return [
    ...vlanGroups.routes(groups, {
      change: {
        description: '`vidRanges` replaces the whole list; no VLAN of the group may lie outside of it.',
        example: { vidRanges: [{ start: 100, end: 299 }] },
        throws: [vidRangesInUse, vlanGroupDefault],
      },
      remove: { throws: [vlanGroupDefault] },
    }),
    route({
      method: 'get',
      path: '/vlan-groups/{id}/free-vids',
      tag: 'VLANs',
      summary: 'List the free VIDs of a VLAN group',
      description: 'Runs of VIDs of its ranges that no VLAN has, the lowest first.',
      permission: 'vlans:read',
      params: idParams,
      query: freeVidList.query,
      returns: freeVidList.page,
      handler: ({ params, query }) => freeVids(params.id, query),
    }),
    route({
      method: 'post',
      path: '/vlan-groups/{id}/allocations',
      tag: 'VLANs',
      summary: 'Hand out VIDs of a VLAN group',
      description:
        'Makes VLANs of the lowest free VIDs, or one of the VID that is named; all of them or none.',
      permission: 'vlans:write',
      dryRun: true,
      params: idParams,
      body: vlanWish,
      example: { count: 2, name: 'Lab', status: 'reserved' },
      returns: allocatedVlans,
      status: 201,
      throws: [vidsExhausted, vlanTaken, vidOutsideGroup],
      handler: async ({ params, body, write }) => ({
        vlans: await write((tx) => allocate(tx, params.id, body)),
      }),
    }),
    ...vlanModel.routes(vlans, {
      create: { throws: [vidOutsideGroup] },
      change: { example: { name: 'Office, third floor' }, throws: [vidOutsideGroup] },
    }),
  ];
}
