import { z } from 'zod';
import { type Include, named } from '#core';
import { type SubnetReference, subnetReference } from './schemas.ts';

const firstOnes = named(
  'subnets_of_vlans',
  `SELECT v.id AS "vlanId", s.* FROM unnest($1::bigint[]) AS v (id)
    CROSS JOIN LATERAL (
      SELECT s.id, s.cidr, s.name, s.status FROM subnet s WHERE s.vlan_id = v.id ORDER BY s.cidr, s.id LIMIT 100) s`,
);

/** `include=subnets` of VLANs: the first hundred of each; `GET /subnets?vlan=` lists them all. */
export const subnetsOfVlans: Include = {
  schema: z.array(subnetReference),
  async load(query, vlans) {
    const rows = await query<SubnetReference & { vlanId: number }>(firstOnes, [vlans.map(({ id }) => id)]);
    const byVlan = Map.groupBy(rows, ({ vlanId }) => vlanId);
    return vlans.map(({ id }) => (byVlan.get(id as number) ?? []).map(({ vlanId: _, ...subnet }) => subnet));
  },
};
