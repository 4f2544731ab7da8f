import assert from 'node:assert/strict';
import type { RunQuery } from '#core';
import { blockOf, holds } from './ip.ts';
import { keyOf, type SpaceModel } from './space-model.ts';

/** Throws where the sums over branches, just folded, are not those of the model. */
export async function assertRolledUp(query: RunQuery, model: SpaceModel): Promise<void> {
  const rows = await query<{ vrf: number; cidr: string; sums: string[] }>(
    `SELECT vrf_id AS vrf, cidr, ARRAY[coalesce(used, 0), coalesce(reserved, 0), coalesce(quarantined, 0)]::text[] AS sums
       FROM subnet LEFT JOIN subnet_rollup ON subnet_id = id`,
  );
  const usages = [...model.subnets.values()].map((subnet) => ({ subnet, usage: model.usage(subnet) }));
  for (const { vrf, cidr, sums } of rows) {
    const top = model.subnets.get(keyOf(vrf, blockOf(cidr)));
    assert.ok(top, cidr);
    const wanted = [0n, 0n, 0n] as [bigint, bigint, bigint];
    for (const { subnet, usage } of usages) {
      if (subnet.vrf !== vrf || !holds(top.block, subnet.block)) continue;
      wanted[0] += usage.taken + usage.ranged;
      wanted[1] += usage.reserved;
      wanted[2] += usage.quarantined;
    }
    assert.deepEqual(sums, wanted.map(String), `the roll-up of ${cidr} in ${vrf}`);
  }
}

/** Throws where the look for drift finds some. */
export async function assertNoDrift(query: RunQuery): Promise<void> {
  const faults = await query(
    'SELECT f.* FROM (SELECT array_agg(id) AS ids FROM subnet) s, space_faults(s.ids) f',
  );
  assert.deepEqual(faults, [], 'drift');
}
