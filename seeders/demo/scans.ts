import type { Caller } from '#core';
import { plannedLooks } from './looks.ts';
import type { DemoParts as Parts } from './parts.ts';
import { domain, type Plan } from './plan.ts';

/** Who is told of what: enabled while the demo is made, so that there is something to see, and nobody is written to afterwards. */
const notifiers = [
  {
    name: 'Network operations',
    kind: 'webhook',
    description: 'The chat of the operators. Enable it once the URL is one of yours.',
    events: ['conflict.detected', 'conflict.resolved'],
    settings: { url: `https://hooks.${domain}/network-operations` },
  },
  {
    name: 'Automation',
    kind: 'webhook',
    description: 'Has the runbooks start. Enable it once the URL is one of yours.',
    events: ['scan.finished', 'discovery.found'],
    settings: { url: `https://automation.${domain}/cadastre` },
  },
];

const day = 86_400_000;

/**
 * Has the demo network looked at three times and some of what was found decided, and tells two notifiers of it. No packet is sent.
 * Answers how many looks were kept: none where there were some before.
 */
export async function seedScans(parts: Parts, caller: Caller, { subnets }: Plan): Promise<number> {
  const looks = plannedLooks(subnets);
  const idOf = new Map<string, number>();
  for (const cidr of looks[0]?.cidrs ?? []) {
    const { items } = await parts.subnets.subnets.list({ vrf: ['global'], cidr });
    if (items[0]) idOf.set(cidr, items[0].id);
  }
  const subnetIds = [...idOf.values()];
  const { items: before } = await parts.scanner.scans.list({ subnet: subnetIds.map(String), limit: 1 });
  if (before.length > 0 || subnetIds.length === 0) return 0;
  const told = await parts.transact(caller, async (tx) => {
    for (const subnetId of subnetIds) {
      // Without an interval: nobody wants packets sent into a demo network by itself.
      await parts.scanner.policies.change(tx, subnetId, { packetsPerSecond: 100, ports: [22, 80, 443] });
    }
    return Promise.all(notifiers.map((each) => parts.notifiers.notifiers.create(tx, each)));
  });
  for (const { daysAgo, seen, decisions, dismissed } of looks) {
    const at = new Date(Date.now() - daysAgo * day);
    await parts.scanner.scans.note(caller, { subnetIds, mode: 'mock', probes: ['mock'], at, seen });
    for (const { address, resolution, note } of decisions) {
      const { items } = await parts.scanner.conflicts.list({ address, state: 'open' });
      for (const { id } of items)
        await parts.transact(caller, (tx) => parts.scanner.conflicts.resolve(tx, id, resolution, note));
    }
    for (const address of dismissed) {
      const { items } = await parts.scanner.discoveries.list({ address, state: 'open' });
      for (const { id } of items)
        await parts.transact(caller, (tx) =>
          parts.scanner.discoveries.dismiss(tx, id, 'The test machine of the vendor.'),
        );
    }
  }
  await parts.transact(caller, async (tx) => {
    for (const { id } of told)
      await parts.notifiers.notifiers.update(tx, id, { enabled: false }, () => undefined);
  });
  return looks.length;
}
