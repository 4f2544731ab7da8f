import type { z } from 'zod';
import { invalidRequest, named, type Tx } from '#core';
import { type VlanReference, vlanInclude } from '#plugins/vlans';
import { blockOf, formatBlock } from '../domain/block.ts';
import { blockOver, blocksBeside } from '../domain/cutting.ts';
import { subnetErrors } from '../errors.ts';
import type { SubnetRecord } from '../records.ts';
import {
  addressCounts,
  deletion,
  type Guard,
  lockSubnet,
  type ReshapeContext,
  rehomedOf,
  resizeSubnet,
  subnetUpdate,
  unusableWarnings,
} from './common.ts';
import { namedAtMost } from './found.ts';
import type { mergeBody, Reshaped } from './schemas.ts';

const touches = named(
  'merge_touches',
  'SELECT id, parent_id AS "parentId" FROM subnet WHERE id = ANY ($1) AND vrf_id = (SELECT vrf_id FROM subnet WHERE id = $2)',
);
const remove = named('delete_subnets', 'DELETE FROM subnet WHERE id = ANY ($1)');
const takeOver = named(
  'take_over_status_and_vlan',
  'UPDATE subnet SET status = $2, vlan_id = $3 WHERE id = $1',
);

/**
 * Makes one subnet of several siblings that together are one block: `id` grows and takes over what the others hold. Where the
 * block is their parent's own, the parent takes over what all of them hold.
 */
export async function merge(
  context: ReshapeContext,
  tx: Tx,
  id: number,
  { subnetIds }: z.output<typeof mergeBody>,
  guard: Guard,
): Promise<Reshaped> {
  const { subnets } = context;
  const ids = [...new Set([id, ...subnetIds])];
  const subnet = await lockSubnet(tx, id, guard, async () => {
    const rows = await tx.query<{ id: number; parentId: number | null }>(touches, [ids, id]);
    return rows.flatMap((row) => [row.id, row.parentId]);
  });
  if (ids.length === 1) {
    const message = `Name at least one sibling of ${subnet.cidr}; alone it is one block already.`;
    throw invalidRequest([{ path: 'body.subnetIds', code: 'nothing-to-merge', message }]);
  }
  const members = await membersOf(context, tx, ids, subnetIds);
  const whole = wholeOf(subnet, members);
  const [parent] = subnet.parentId === null ? [] : await subnets.readMany(tx, [subnet.parentId]);
  const heir = parent?.cidr === whole ? parent : subnet;
  const gone = members.filter((each) => each !== heir && each.id !== heir.id);
  const counts = await addressCounts(
    tx,
    gone.map((each) => each.id),
  );
  const fields: NonNullable<ReturnType<typeof subnetUpdate>['fields']> = {};
  if (heir.cidr !== whole) {
    await resizeSubnet(tx, id, whole);
    fields.cidr = { from: heir.cidr, to: whole };
  }
  await tx.query(remove, [gone.map((each) => each.id)]);
  if (heir !== subnet) {
    const status = heir.status === 'container' ? subnet.status : heir.status;
    const vlanId = heir.vlanId ?? subnet.vlanId;
    if (status !== heir.status) fields.status = { from: heir.status, to: status };
    if (vlanId !== heir.vlanId) fields.vlanId = { from: heir.vlanId, to: vlanId };
    await tx.query(takeOver, [heir.id, status, vlanId]);
  }
  const now = await subnets.readIn(tx, heir.id);
  const isChanged = Object.keys(fields).length > 0;
  for (const each of gone) await subnets.announce(tx, 'subnet.deleted', each);
  if (isChanged) await subnets.announce(tx, 'subnet.updated', now);
  return {
    subnets: [now],
    changes: [
      ...(isChanged ? [subnetUpdate(heir, fields)] : []),
      ...gone.map((each) => deletion('subnet', each.id, each.cidr)),
    ],
    rehomed: rehomedOf(
      gone.map((each) => ({ from: each.cidr, to: whole, addresses: counts.get(each.id) ?? 0 })),
    ),
    warnings: [
      ...gone.flatMap(({ gateway, cidr }) =>
        gateway === null || gateway === heir.gateway
          ? []
          : [
              `${gateway} was the gateway of ${cidr}; its address stays, and ${heir.gateway ?? 'no other'} is the gateway of ${whole}.`,
            ],
      ),
      ...(await vlanWarnings(tx, gone, now)),
      ...(await unusableWarnings(tx, [heir.id])),
    ],
  };
}

/** Says of which subnets that are gone the VLAN is not that of the whole. */
async function vlanWarnings(tx: Tx, gone: readonly SubnetRecord[], whole: SubnetRecord): Promise<string[]> {
  const strays = gone.filter(({ vlanId }) => vlanId !== null && vlanId !== whole.vlanId);
  const [now, ...were] = (await vlanInclude.load(tx.query, [whole, ...strays])) as (VlanReference | null)[];
  const nameOf = (vlan: VlanReference | null | undefined) =>
    vlan ? `VLAN ${vlan.group}/${vlan.vid}` : 'no VLAN';
  return strays.map(
    ({ cidr }, nth) => `${cidr} was in ${nameOf(were[nth])}; ${whole.cidr} is in ${nameOf(now)}.`,
  );
}

/** The subnets of some ids, in the order of their blocks; 422 that names those that are not there. */
async function membersOf(
  { subnets }: ReshapeContext,
  tx: Tx,
  ids: readonly number[],
  asked: readonly number[],
): Promise<SubnetRecord[]> {
  const found = await subnets.readMany(tx, ids);
  const known = new Set(found.map((each) => each.id));
  const errors = asked.flatMap((each, nth) =>
    known.has(each)
      ? []
      : [{ path: `body.subnetIds.${nth}`, code: 'not-found', message: `There is no subnet ${each}.` }],
  );
  if (errors.length > 0) throw invalidRequest(errors);
  return found.sort((a, b) => (blockOf(a.cidr).first < blockOf(b.cidr).first ? -1 : 1));
}

/** The block that siblings are together; 409 where they are no siblings, or something is missing. */
function wholeOf(subnet: SubnetRecord, members: readonly SubnetRecord[]): string {
  const strangers = members.filter(
    (each) =>
      each.vrfId !== subnet.vrfId || each.parentId !== subnet.parentId || each.family !== subnet.family,
  );
  if (strangers.length > 0) {
    const cidrs = strangers.map(({ cidr }) => cidr).slice(0, namedAtMost);
    throw subnetErrors.notMergeable(
      `${cidrs.join(', ')} and ${subnet.cidr} are not siblings: only subnets of one VRF, straight below the same subnet, can become one.`,
      { members: { strangers: strangers.map(({ id }) => id) } },
    );
  }
  const blocks = members.map(({ cidr }) => blockOf(cidr));
  const whole = blockOver(blocks);
  const missing = blocksBeside(whole, blocks).map(formatBlock);
  if (missing.length === 0) return formatBlock(whole);
  const some = missing.slice(0, namedAtMost).join(', ');
  const more = missing.length > namedAtMost ? ` and ${missing.length - namedAtMost} more` : '';
  throw subnetErrors.notMergeable(
    `The smallest block that holds them all is ${formatBlock(whole)}, and of that ${some}${more} ${missing.length === 1 ? 'is' : 'are'} missing.`,
    { members: { block: formatBlock(whole), missing: missing.slice(0, namedAtMost) } },
  );
}
