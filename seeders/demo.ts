import type { Caller, Tx } from '#core';
import { devicesOf } from './demo/devices.ts';
import { globalNetwork } from './demo/global.ts';
import { type Inventory, seedInventory } from './demo/inventory.ts';
import { demoFields, demoTags } from './demo/labels.ts';
import { globalPools } from './demo/networks.ts';
import type { DemoParts as Parts } from './demo/parts.ts';
import type { Plan, PlannedHost, PlannedSubnet } from './demo/plan.ts';
import { plantNetwork } from './demo/plant.ts';
import { seedScans } from './demo/scans.ts';
import { siteRecords } from './demo/sites.ts';

/** How much was made. */
export interface DemoSeeded {
  sites: number;
  vlans: number;
  devices: number;
  vrfs: number;
  subnets: number;
  addresses: number;
  scans: number;
}

/** What tells the demo network from one of the user's own. */
const mark = { seed: 'demo' };

/** A company with seven offices, two data centres and two plants, and its network; the same every time. */
export function demoPlan(): Plan {
  const subnets = [...globalNetwork(), ...plantNetwork()];
  return {
    tags: demoTags,
    customFields: demoFields,
    sites: siteRecords(),
    devices: devicesOf(subnets),
    vrfs: [
      {
        name: 'plant',
        rd: '65000:20',
        description: 'Machines of the plants; overlaps with the offices.',
        tags: ['plant'],
        metadata: mark,
      },
    ],
    subnets,
    pools: globalPools,
  };
}

/**
 * Makes the demo network through the plugins' services, in one transaction, and then what scans have seen of it; answers undefined and
 * changes nothing where all was made before. Throws an Error where its space is in use by something else.
 */
export async function seedDemo(parts: Parts, caller: Caller): Promise<DemoSeeded | undefined> {
  const plan = demoPlan();
  const made = (await isThere(parts, plan)) ? undefined : await seedNetwork(parts, caller, plan);
  const scans = await seedScans(parts, caller, plan);
  return made && { ...made, scans };
}

async function seedNetwork(parts: Parts, caller: Caller, plan: Plan): Promise<Omit<DemoSeeded, 'scans'>> {
  await demandFreeSpace(parts, plan);
  return parts.transact(caller, async (tx) => {
    // First of all: records are held to the fields, and made with them.
    for (const field of plan.customFields) await parts.customfields.create(tx, field);
    for (const tag of plan.tags) await parts.tags.tags.create(tx, { ...tag, metadata: mark });
    const inventory = await seedInventory(parts, tx, plan);
    for (const vrf of plan.vrfs) await parts.subnets.vrfs.create(tx, vrf);
    const ids = new Map<string, number>();
    for (const subnet of plan.subnets) {
      ids.set(`${subnet.vrf} ${subnet.cidr}`, await seedSubnet(parts, tx, subnet, inventory));
    }
    for (const { subnets, ...pool } of plan.pools) {
      const members = subnets.map((cidr) => ids.get(`global ${cidr}`) as number);
      await parts.allocation.pools.create(tx, { ...pool, members });
    }
    return {
      sites: plan.sites.length,
      vlans: inventory.vlans.size,
      devices: plan.devices.length,
      vrfs: plan.vrfs.length,
      subnets: plan.subnets.length,
      addresses: plan.subnets.reduce((sum, { hosts }) => sum + hosts.length, 0),
    };
  });
}

async function isThere({ subnets }: Parts, { vrfs }: Plan): Promise<boolean> {
  const { items } = await subnets.vrfs.list({ name: vrfs.map(({ name }) => name) });
  const stranger = items.find(({ metadata }) => metadata.seed !== mark.seed);
  if (stranger) throw new Error(`There is a VRF ${stranger.name} that is not the demo's; nothing was made.`);
  return items.length > 0;
}

async function demandFreeSpace({ subnets }: Parts, plan: Plan): Promise<void> {
  const tops = plan.subnets.filter(
    ({ vrf, cidr }) => vrf === 'global' && /^(10\.0\.0\.0\/8|2001:db8::\/32)$/.test(cidr),
  );
  for (const { cidr } of tops) {
    const { items } = await subnets.subnets.list({ vrf: 'global', withinInclude: cidr, limit: 1 });
    if (items[0]) {
      throw new Error(
        `The demo network wants all of ${cidr}, which has ${items[0].cidr} already; nothing was made.`,
      );
    }
  }
}

/** Makes a subnet with what lies straight in it; answers its id. */
async function seedSubnet(
  parts: Parts,
  tx: Tx,
  planned: PlannedSubnet,
  { vlans, portOf }: Inventory,
): Promise<number> {
  const { hosts, leases, vlan, ...subnet } = planned;
  const { subnets, allocation } = parts;
  const vlanId = vlan && vlans.get(`${vlan.group}/${vlan.vid}`);
  const { id, vrfId } = await subnets.subnets.create(tx, { ...subnet, ...(vlanId ? { vlanId } : {}) });
  if (leases) await subnets.ranges.create(tx, { vrfId, start: leases[0], end: leases[1], purpose: 'dhcp' });
  for (const { alsoOn = [], on, ...host } of hosts.filter(({ role }) => role)) {
    const address = await subnets.addresses.create(tx, { vrfId, ...host, ...(on ? portOf(on) : {}) });
    for (const other of alsoOn) await subnets.assignments.add(tx, address.id, portOf(other));
    if (host.role === 'gateway') {
      await subnets.subnets.update(tx, id, { gateway: host.address }, () => undefined);
    }
  }
  const others = hosts.filter(({ role }) => !role);
  if (others.length === 0) return id;
  const wishes = others.map(({ released: _, role: __, on, alsoOn: ___, ...wish }: PlannedHost) => ({
    ...wish,
    ...(on ? portOf(on) : {}),
  }));
  const given = await allocation.addresses.all(tx, id, wishes);
  const back = given.filter((_, index) => others[index]?.released).map((address) => address.id);
  if (back.length > 0) await allocation.release.all(tx, { addresses: back });
  return id;
}
