import type { z } from 'zod';
import { commonInserted, commonValues, kernelErrors, named, type Tx } from '#core';
import { vlanErrors } from './errors.ts';
import type { vlanWish } from './schemas.ts';

const lockGroup = named('lock_vlan_group', 'SELECT name FROM vlan_group WHERE id = $1 FOR NO KEY UPDATE');
const lowestFree = named(
  'lowest_free_vids',
  `SELECT ARRAY(SELECT vid FROM unnest(vids) r, generate_series(lower(r), upper(r) - 1) vid ORDER BY vid LIMIT $2) AS lowest,
          (SELECT coalesce(sum(upper(r) - lower(r)), 0)::int FROM unnest(vids) r) AS free
     FROM (SELECT free_vids($1) AS vids OFFSET 0) free`,
);
const holderOf = named(
  'holder_of_vid',
  'SELECT id, vid, name, status FROM vlan WHERE group_id = $1 AND vid = $2',
);
const insert = named(
  'insert_vlans',
  `INSERT INTO vlan (group_id, vid, name, status, role, ${commonInserted})
     SELECT $1, vid, $3, $4, $5, $6, $7, $8, $9 FROM unnest($2::int[]) vid RETURNING id`,
);

/**
 * Makes VLANs of the lowest free VIDs of a group, or one of a VID that is named; all or none. Callers wait for each other at the group's
 * row, and each looks for what is free in a statement that begins once it has the lock. Answers their ids; 404, or 409 where the VID is
 * taken or too few are free.
 */
export async function allocateVlans(
  tx: Tx,
  groupId: number,
  wish: z.output<typeof vlanWish>,
): Promise<number[]> {
  const [group] = await tx.query<{ name: string }>(lockGroup, [groupId]);
  if (!group) throw kernelErrors.notFound(`There is no VLAN group ${groupId}.`);
  const vids =
    wish.vid === undefined
      ? await lowestOf(tx, groupId, group.name, wish.count ?? 1)
      : await free(tx, groupId, group.name, wish.vid);
  const { name, status = 'active', role } = wish;
  const rows = await tx.query<{ id: number }>(insert, [
    groupId,
    vids,
    name,
    status,
    role,
    ...commonValues(wish),
  ]);
  return rows.map(({ id }) => id);
}

async function lowestOf(tx: Tx, groupId: number, group: string, wanted: number): Promise<number[]> {
  const [row] = await tx.query<{ lowest: number[]; free: number }>(lowestFree, [groupId, wanted]);
  const { lowest, free: n } = row ?? { lowest: [], free: 0 };
  if (lowest.length === wanted) return lowest;
  const has = n === 0 ? 'has no free VID left' : `has ${n} free ${n === 1 ? 'VID' : 'VIDs'} left`;
  throw vlanErrors.vidsExhausted(
    `The VLAN group ${group} ${has}, and ${wanted} ${wanted === 1 ? 'was' : 'were'} asked for.`,
    { members: { free: n, wanted } },
  );
}

/** The VID itself; 409 that names the VLAN that has it. Whether it is one of the group's is told by the database. */
async function free(tx: Tx, groupId: number, group: string, vid: number): Promise<number[]> {
  const [holder] = await tx.query<{ id: number; vid: number; name: string; status: string }>(holderOf, [
    groupId,
    vid,
  ]);
  if (!holder) return [vid];
  throw vlanErrors.vlanTaken(`VLAN ${vid} of ${group} is ${holder.name} already (VLAN ${holder.id}).`, {
    members: { holder },
  });
}
