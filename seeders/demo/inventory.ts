import type { Tx } from '#core';
import type { DemoParts } from './parts.ts';
import type { Plan, PlannedUse } from './plan.ts';

/** What of the inventory the address space refers to. */
export interface Inventory {
  /** The ids of VLANs by `group/vid`. */
  vlans: ReadonlyMap<string, number>;
  portOf(use: PlannedUse): { deviceId: number; interfaceId: number };
}

type Parts = Pick<DemoParts, 'sites' | 'vlans' | 'devices'>;

/** Makes sites, VLANs and devices with their interfaces. */
export async function seedInventory(parts: Parts, tx: Tx, plan: Plan): Promise<Inventory> {
  const sites = new Map<string, number>();
  for (const { parent, ...site } of plan.sites) {
    const parentId = parent === undefined ? null : (sites.get(parent) as number);
    sites.set(site.name, (await parts.sites.create(tx, { ...site, parentId })).id);
  }
  const vlans = await seedVlans(parts, tx, plan, sites);
  const ports = new Map<string, { deviceId: number; interfaceId: number }>();
  for (const { site, interfaces, ...device } of plan.devices) {
    const { id: deviceId } = await parts.devices.devices.create(tx, { ...device, siteId: sites.get(site) });
    for (const port of interfaces.values()) {
      const { id: interfaceId } = await parts.devices.interfaces.create(tx, { ...port, deviceId });
      ports.set(`${device.name} ${port.name}`, { deviceId, interfaceId });
    }
  }
  return {
    vlans,
    portOf: (use) => ports.get(`${use.device} ${use.interface}`) as { deviceId: number; interfaceId: number },
  };
}

/** Makes a group for each site that has VLANs, and those; answers their ids by `group/vid`. */
async function seedVlans(
  { vlans }: Parts,
  tx: Tx,
  plan: Plan,
  sites: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const groups = new Map<string, number>();
  const made = new Map<string, number>();
  for (const { vlan } of plan.subnets) {
    if (!vlan || made.has(`${vlan.group}/${vlan.vid}`)) continue;
    const { group, site, ...rest } = vlan;
    if (!groups.has(group)) {
      const record = await vlans.groups.create(tx, {
        name: group,
        siteId: sites.get(site),
        vidRanges: [{ start: 100, end: 399 }],
        tags: [group.replace('-', ' ').split(' ')[0] as string],
      });
      groups.set(group, record.id);
    }
    const { id } = await vlans.vlans.create(tx, { ...rest, groupId: groups.get(group) });
    made.set(`${group}/${vlan.vid}`, id);
  }
  return made;
}
