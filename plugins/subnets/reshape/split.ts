import type { z } from 'zod';
import { invalidRequest, named, type Tx, valuesOnly } from '#core';
import { bitsOf } from '../domain/address.ts';
import { type Block, blockOf, formatBlock } from '../domain/block.ts';
import { blocksBeside, cutBlocks, equalParts } from '../domain/cutting.ts';
import { subnetErrors } from '../errors.ts';
import type { SubnetRecord } from '../records.ts';
import {
  addressCounts,
  type Guard,
  lockSubnet,
  type ReshapeContext,
  rehomedOf,
  subnetUpdate,
  unusableWarnings,
} from './common.ts';
import { namedAtMost } from './found.ts';
import { type Change, partsAtMost, type Reshaped, type splitBody } from './schemas.ts';

type Wish = z.output<typeof splitBody>;

const children = named('children_blocks', 'SELECT cidr FROM subnet WHERE parent_id = $1 ORDER BY cidr');
const inTheWay = named(
  'children_that_hold_parts',
  `SELECT cidr FROM subnet WHERE parent_id = $1 AND masklen(cidr) < $2 ORDER BY cidr LIMIT ${namedAtMost}`,
);
const insertParts = named(
  'insert_parts',
  `INSERT INTO subnet (vrf_id, cidr, name, status, tags, vlan_id, custom_fields)
     SELECT $1, part, $3, $4, $5, $6, $7 FROM unnest($2::cidr[]) part
   ON CONFLICT ON CONSTRAINT subnet_cidr_key DO NOTHING RETURNING id, cidr`,
);
const partIds = named(
  'part_ids',
  `SELECT s.id FROM unnest($2::cidr[]) WITH ORDINALITY AS p (cidr, nth)
     JOIN subnet s ON s.vrf_id = $1 AND s.cidr = p.cidr ORDER BY nth`,
);
const becomeContainer = named(
  'covered_becomes_container',
  `UPDATE subnet s SET status = 'container'
    WHERE s.id = $1 AND s.status <> 'container'
      AND block_size(s.cidr) = (SELECT sum(block_size(cidr)) FROM subnet WHERE parent_id = $1) RETURNING s.id`,
);

/** Splits a subnet into equal parts, or cuts parts of some lengths out of what no child covers; addresses go along. */
export async function split(
  { subnets }: ReshapeContext,
  tx: Tx,
  id: number,
  wish: Wish,
  guard: Guard,
): Promise<Reshaped> {
  const subnet = await lockSubnet(tx, id, guard, async () => [id]);
  demandParts(subnet, wish);
  const parts = (await partsOf(tx, subnet, wish)).map(formatBlock);
  const { name = null, status = 'active', tags = [] } = wish;
  const customFields = valuesOnly({ ...subnet.customFields, ...wish.customFields });
  const made = await tx.query<{ id: number; cidr: string }>(insertParts, [
    subnet.vrfId,
    parts,
    name,
    status,
    tags,
    subnet.vlanId,
    JSON.stringify(customFields),
  ]);
  const isContainerNow = (await tx.query(becomeContainer, [id])).length > 0;
  const idsOfParts = await tx.query<{ id: number }>(partIds, [subnet.vrfId, parts]);
  const answer = await subnets.readMany(
    tx,
    idsOfParts.map((row) => row.id),
  );
  const ids = new Set(made.map((row) => row.id));
  const fresh = answer.filter((each) => ids.has(each.id));
  const counts = await addressCounts(tx, [...ids]);
  for (const each of fresh) await subnets.announce(tx, 'subnet.created', each);
  if (isContainerNow) await subnets.announce(tx, 'subnet.updated', subnet);
  return {
    subnets: answer,
    changes: [
      ...fresh.map(creation),
      ...(isContainerNow ? [subnetUpdate(subnet, { status: { from: subnet.status, to: 'container' } })] : []),
    ],
    rehomed: rehomedOf(
      fresh.map((each) => ({ from: subnet.cidr, to: each.cidr, addresses: counts.get(each.id) ?? 0 })),
    ),
    warnings: await unusableWarnings(tx, [...ids]),
  };
}

/** 422 unless every length is that of a part, and the parts are not too many. */
function demandParts(subnet: SubnetRecord, { prefixLength, prefixLengths }: Wish): void {
  const { cidr, family, prefixLength: own } = subnet;
  const most = bitsOf(family);
  const asked =
    prefixLength === undefined
      ? (prefixLengths ?? []).map((length, nth) => [`body.prefixLengths.${nth}`, length] as const)
      : [['body.prefixLength', prefixLength] as const];
  const right = own === most ? 'it has no parts' : `its parts are /${own + 1} to /${most}`;
  const errors = asked
    .filter(([, length]) => length <= own || length > most)
    .map(([path, length]) => ({
      path,
      code: 'not-inside',
      message: `A /${length} is not a part of ${cidr}: ${right}.`,
    }));
  if (errors.length > 0) throw invalidRequest(errors);
  if (prefixLength === undefined || 2 ** (prefixLength - own) <= partsAtMost) return;
  const longest = Math.min(own + Math.log2(partsAtMost), most);
  throw invalidRequest([
    {
      path: 'body.prefixLength',
      code: 'too-many',
      message: `${cidr} has ${2n ** BigInt(prefixLength - own)} /${prefixLength}; at most ${partsAtMost} are made at once, so /${longest} is the longest.`,
    },
  ]);
}

async function partsOf(tx: Tx, subnet: SubnetRecord, wish: Wish): Promise<Block[]> {
  const whole = blockOf(subnet.cidr);
  if (wish.prefixLength !== undefined) {
    const larger = await tx.query<{ cidr: string }>(inTheWay, [subnet.id, wish.prefixLength]);
    if (larger.length === 0) return equalParts(whole, wish.prefixLength);
    const cidrs = larger.map(({ cidr }) => cidr);
    throw subnetErrors.subnetInTheWay(
      `${subnet.cidr} has the larger ${cidrs.join(', ')}, which would hold some of the parts; split that one, or choose a shorter length.`,
      { members: { subnets: cidrs } },
    );
  }
  const lengths = wish.prefixLengths ?? [];
  const rows = await tx.query<{ cidr: string }>(children, [subnet.id]);
  const free = blocksBeside(
    whole,
    rows.map(({ cidr }) => blockOf(cidr)),
  );
  const parts = cutBlocks(free, lengths);
  if (parts.length === lengths.length) return parts;
  throw subnetErrors.insufficientSpace(
    `${subnet.cidr} has no free /${lengths[parts.length]} left after ${parts.length} of the ${lengths.length} parts.`,
    { members: { free: parts.length, wanted: lengths.length } },
  );
}

function creation({ cidr, name, status, tags, vlanId, customFields }: SubnetRecord): Change {
  return {
    action: 'create',
    entity: 'subnet',
    id: null,
    key: cidr,
    fields: {
      cidr: { from: null, to: cidr },
      status: { from: null, to: status },
      ...(name === null ? {} : { name: { from: null, to: name } }),
      ...(tags.length === 0 ? {} : { tags: { from: null, to: tags } }),
      ...(vlanId === null ? {} : { vlanId: { from: null, to: vlanId } }),
      ...(Object.keys(customFields).length === 0 ? {} : { customFields: { from: null, to: customFields } }),
    },
  };
}
