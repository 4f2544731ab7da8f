import type { z } from 'zod';
import { invalidRequest, named, type Tx } from '#core';
import { blockAround, blockOf, formatBlock } from '../domain/block.ts';
import { subnetErrors } from '../errors.ts';
import type { SubnetRecord } from '../records.ts';
import { deletion, type Guard, lockSubnet, type ReshapeContext, subnetUpdate } from './common.ts';
import { counted, type Found, namedAtMost, total } from './found.ts';
import type { blockBody, Change, Reshaped } from './schemas.ts';

interface MovedSubnet {
  id: number;
  from: string;
  to: string;
  gateway: string | null;
  gatewayTo: string | null;
}
interface MovedAddress {
  id: number;
  from: string;
  to: string;
}
interface ReachedRange {
  id: number;
  start: string;
  end: string;
  startTo: string;
  endTo: string;
  isInside: boolean;
}

const touches = named('renumber_touches', 'SELECT renumber_touches($1, $2) AS ids');
const occupied = named(
  'occupied_in_block',
  `(SELECT 'subnet' AS kind, cidr AS block, NULL::inet AS first, NULL::inet AS last, count(*) OVER () AS n FROM subnet
     WHERE vrf_id = $1 AND cidr BETWEEN $2::cidr AND last_ip($2::cidr) ORDER BY cidr LIMIT ${namedAtMost})
   UNION ALL
   (SELECT 'address', NULL, address, NULL, count(*) OVER () FROM address
     WHERE vrf_id = $1 AND address BETWEEN first_ip($2::cidr) AND last_ip($2::cidr) AND status <> 'free'
     ORDER BY address LIMIT ${namedAtMost})
   UNION ALL
   (SELECT 'range', NULL, start_ip, end_ip, count(*) OVER ()
      FROM ranges_in($1, first_ip($2::cidr), last_ip($2::cidr)) ORDER BY start_ip LIMIT ${namedAtMost})`,
);
const forgetReleased = named(
  'forget_released_inside',
  `DELETE FROM address WHERE vrf_id = $1 AND address BETWEEN first_ip($2::cidr) AND last_ip($2::cidr)
    RETURNING id, address`,
);
const branch = named(
  'branch_moved',
  `SELECT id, cidr AS from, moved_ip(cidr, $2, $3)::cidr AS to, gateway, moved_ip(gateway, $2, $3) AS "gatewayTo"
     FROM subnet WHERE vrf_id = $1 AND cidr BETWEEN $2::cidr AND last_ip($2::cidr) ORDER BY cidr`,
);
const branchAddresses = named(
  'branch_addresses_moved',
  `SELECT id, address AS from, moved_ip(address, $2, $3) AS to FROM address
    WHERE vrf_id = $1 AND address BETWEEN first_ip($2::cidr) AND last_ip($2::cidr) ORDER BY address`,
);
const branchRanges = named(
  'branch_ranges_moved',
  `SELECT id, start_ip AS start, end_ip AS "end", start_ip <<= $2::cidr AND end_ip <<= $2::cidr AS "isInside",
          moved_ip(start_ip, $2, $3) AS "startTo", moved_ip(end_ip, $2, $3) AS "endTo"
     FROM ranges_in($1, first_ip($2::cidr), last_ip($2::cidr)) ORDER BY start_ip`,
);
const renumberSubnet = named('renumber_subnet', 'SELECT renumber_subnet($1, $2)');

/** Moves a subnet, with all that lies in it, to another block of the same length; each to the same place in it. */
export async function renumber(
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
  const { vrfId } = subnet;
  demandSameLength(subnet, cidr);
  const moved = await tx.query<MovedSubnet>(branch, [vrfId, subnet.cidr, cidr]);
  const ids = moved.map((each) => each.id);
  if (subnet.cidr === cidr) {
    return { subnets: await subnets.readMany(tx, ids), changes: [], rehomed: [], warnings: [] };
  }
  demandRoom(cidr, await tx.query<Found>(occupied, [vrfId, cidr]));
  const forgotten = await tx.query<{ id: number; address: string }>(forgetReleased, [vrfId, cidr]);
  const addresses = await tx.query<MovedAddress>(branchAddresses, [vrfId, subnet.cidr, cidr]);
  const ranges = await tx.query<ReachedRange>(branchRanges, [vrfId, subnet.cidr, cidr]);
  await tx.query(renumberSubnet, [id, cidr]);
  const now = await subnets.readMany(tx, ids);
  for (const each of forgotten) await emit(tx, 'address.deleted', { ...each, vrfId });
  for (const each of now) await subnets.announce(tx, 'subnet.updated', each);
  for (const { id, to } of addresses) await emit(tx, 'address.updated', { id, vrfId, address: to });
  const moving = ranges.filter(({ isInside }) => isInside);
  for (const { id, startTo, endTo } of moving)
    await emit(tx, 'range.updated', { id, vrfId, start: startTo, end: endTo });
  return {
    subnets: now,
    changes: [
      ...forgotten.map((each) => deletion('address', each.id, each.address)),
      ...moved.map(({ id, from, to, gateway, gatewayTo }) =>
        subnetUpdate(
          { id, cidr: from },
          { cidr: { from, to }, ...(gateway === null ? {} : { gateway: { from: gateway, to: gatewayTo } }) },
        ),
      ),
      ...addresses.map(
        ({ id, from, to }): Change => ({
          action: 'update',
          entity: 'address',
          id,
          key: from,
          fields: { address: { from, to } },
        }),
      ),
      ...moving.map(
        ({ id, start, end, startTo, endTo }): Change => ({
          action: 'update',
          entity: 'range',
          id,
          key: `${start}-${end}`,
          fields: { start: { from: start, to: startTo }, end: { from: end, to: endTo } },
        }),
      ),
    ],
    rehomed: [],
    warnings: ranges
      .filter(({ isInside }) => !isInside)
      .map(({ start, end }) => `The range ${start} to ${end} only reaches into ${subnet.cidr}, and stays.`),
  };
}

/** 422 unless the block is of the same family and length; says which one of that length is there. */
function demandSameLength(subnet: SubnetRecord, cidr: string): void {
  const [own, asked] = [blockOf(subnet.cidr), blockOf(cidr)];
  if (own.family === asked.family && own.length === asked.length) return;
  const right =
    own.family === asked.family
      ? `did you mean ${formatBlock(blockAround({ family: own.family, value: asked.first }, own.length))}?`
      : `it takes an IPv${own.family} block.`;
  const message = `${subnet.cidr} moves to another /${own.length}, with everything at its place; ${right}`;
  throw invalidRequest([{ path: 'body.cidr', code: 'other-length', message }]);
}

/** 409 that names what lies in the block already, and counts all of it. */
function demandRoom(cidr: string, found: readonly Found[]): void {
  if (found.length === 0) return;
  throw subnetErrors.targetNotEmpty(`${cidr} holds ${counted(found)}; choose a block that is empty.`, {
    members: total(found),
  });
}
