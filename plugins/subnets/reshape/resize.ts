import type { z } from 'zod';
import { invalidRequest, named, type Tx } from '#core';
import { bitsOf } from '../domain/address.ts';
import { blockOf, contains, formatBlock } from '../domain/block.ts';
import { childLengthFaults } from '../domain/child-lengths.ts';
import { nestedAlternative } from '../domain/cutting.ts';
import { subnetErrors } from '../errors.ts';
import type { SubnetRecord } from '../records.ts';
import {
  deletion,
  type Guard,
  lockSubnet,
  type ReshapeContext,
  resizeSubnet,
  subnetUpdate,
  unusableWarnings,
} from './common.ts';
import { counted, type Found, namedAtMost, total } from './found.ts';
import type { blockBody, Change, Rehomed, Reshaped } from './schemas.ts';

const touches = named('resize_touches', 'SELECT resize_touches($1, $2) AS ids');
const takenBy = named('subnet_of_block', 'SELECT id FROM subnet WHERE vrf_id = $1 AND cidr = $2');
const outside = named(
  'outside_of_block',
  `(SELECT 'subnet' AS kind, cidr AS block, NULL::inet AS first, NULL::inet AS last, count(*) OVER () AS n FROM subnet
     WHERE parent_id = $1 AND NOT cidr <<= $2::cidr ORDER BY cidr LIMIT ${namedAtMost})
   UNION ALL
   (SELECT 'address', NULL, address, NULL, count(*) OVER () FROM address
     WHERE subnet_id = $1 AND status <> 'free' AND NOT address <<= $2::cidr ORDER BY address LIMIT ${namedAtMost})
   UNION ALL
   (SELECT 'range', NULL, r.start_ip, r.end_ip, count(*) OVER () FROM subnet s
     CROSS JOIN LATERAL ranges_in(s.vrf_id, first_ip(s.cidr), last_ip(s.cidr)) r
     WHERE s.id = $1 AND longest_match(s.vrf_id, inet_merge(r.start_ip, r.end_ip)) = s.id
       AND NOT (r.start_ip <<= $2::cidr AND r.end_ip <<= $2::cidr) ORDER BY r.start_ip LIMIT ${namedAtMost})
   UNION ALL
   SELECT 'gateway', NULL, gateway, NULL, 1 FROM subnet WHERE id = $1 AND NOT gateway <<= $2::cidr`,
);
const forgetReleased = named(
  'forget_released_outside',
  `DELETE FROM address WHERE subnet_id = $1 AND status = 'free' AND NOT address <<= $2::cidr RETURNING id, address`,
);

/**
 * Gives a subnet a larger block, which takes over what lies in it, or a smaller one. Refused where something would be lost;
 * released addresses outside go to the subnet above, or, where there is none, are forgotten.
 */
export async function resize(
  { subnets, emit }: ReshapeContext,
  tx: Tx,
  id: number,
  { cidr }: z.output<typeof blockBody>,
  guard: Guard,
): Promise<Reshaped> {
  const subnet = await lockSubnet(tx, id, guard, async () => {
    const [row] = await tx.query<{ ids: (number | null)[] }>(touches, [id, cidr]);
    return row?.ids ?? [];
  });
  if (subnet.cidr === cidr) return { subnets: [subnet], changes: [], rehomed: [], warnings: [] };
  demandNested(subnet, cidr);
  await demandUntaken(tx, subnet, cidr);
  demandPolicyFits(subnet, cidr);
  const isShrinking = contains(blockOf(subnet.cidr), blockOf(cidr));
  if (isShrinking) demandNothingLost(cidr, await tx.query<Found>(outside, [id, cidr]));
  const forgotten =
    isShrinking && subnet.parentId === null
      ? await tx.query<{ id: number; address: string }>(forgetReleased, [id, cidr])
      : [];
  for (const row of forgotten) await emit(tx, 'address.deleted', { ...row, vrfId: subnet.vrfId });
  const went = await resizeSubnet(tx, id, cidr);
  const now = await subnets.readIn(tx, id);
  await subnets.announce(tx, 'subnet.updated', now);
  return {
    subnets: [now],
    changes: [
      subnetUpdate(subnet, { cidr: { from: subnet.cidr, to: cidr } }),
      ...forgotten.map((row): Change => deletion('address', row.id, row.address)),
    ],
    rehomed: await rehomedBetween({ subnets }, tx, subnet, now, went),
    warnings: await unusableWarnings(tx, [id]),
  };
}

/** 422 unless one block holds the other; says which block of that length would. */
function demandNested(subnet: SubnetRecord, cidr: string): void {
  const [own, asked] = [blockOf(subnet.cidr), blockOf(cidr)];
  if (contains(own, asked) || contains(asked, own)) return;
  const { family, length } = own;
  const right = nestedAlternative(own, asked);
  const hint = right
    ? `did you mean ${formatBlock(right)}?`
    : `a larger block is at most a /${Math.max(length - 1, 0)}, a smaller one at least a /${Math.min(length + 1, bitsOf(family))}; to move it, renumber it.`;
  const message = `${cidr} neither holds ${subnet.cidr} nor lies in it; ${hint}`;
  throw invalidRequest([{ path: 'body.cidr', code: 'not-nested', message }]);
}

/** 422 where the lengths that the subnet hands out would be no part of the block any more. */
function demandPolicyFits(subnet: SubnetRecord, cidr: string): void {
  const { minChildPrefixLength, maxChildPrefixLength, defaultChildPrefixLength } = subnet;
  const lengths = { minChildPrefixLength, maxChildPrefixLength, defaultChildPrefixLength };
  const errors = childLengthFaults(blockOf(cidr), lengths).map(({ fields, message }) => ({
    path: 'body.cidr',
    code: 'policy',
    message: `${message} Change ${fields.join(', ')} of ${subnet.cidr} first.`,
  }));
  if (errors.length > 0) throw invalidRequest(errors);
}

async function demandUntaken(tx: Tx, { vrfId }: SubnetRecord, cidr: string): Promise<void> {
  const [taken] = await tx.query<{ id: number }>(takenBy, [vrfId, cidr]);
  if (!taken) return;
  throw subnetErrors.subnetTaken(
    `${cidr} exists in the VRF already (subnet ${taken.id}); merge or delete that one first.`,
    { members: { id: taken.id } },
  );
}

/** 409 that names what would lie outside, and counts all of it. */
function demandNothingLost(cidr: string, found: readonly Found[]): void {
  if (found.length === 0) return;
  throw subnetErrors.resizeLoses(
    `Outside of ${cidr} would lie ${counted(found)}; move or delete what you do not need first.`,
    { members: total(found) },
  );
}

async function rehomedBetween(
  { subnets }: Pick<ReshapeContext, 'subnets'>,
  tx: Tx,
  was: SubnetRecord,
  now: SubnetRecord,
  went: Awaited<ReturnType<typeof resizeSubnet>>,
): Promise<Rehomed[]> {
  const others = await subnets.readMany(
    tx,
    went.flatMap(({ fromId, toId }) => [fromId, toId]).filter((each) => each !== was.id),
  );
  const cidrs = new Map(others.map((each) => [each.id, each.cidr]));
  return went.map(({ fromId, toId, addresses }) => ({
    from: cidrs.get(fromId) ?? was.cidr,
    to: cidrs.get(toId) ?? now.cidr,
    addresses,
  }));
}
