import { z } from 'zod';
import { integerFilters, listing } from '#core';

/** A run of VIDs that no VLAN of its group has, both ends in it. */
const freeVids = z.object({ start: z.int(), end: z.int(), size: z.int() }).meta({ id: 'FreeVids' });

/** GET /vlan-groups/{id}/free-vids; the route adds which group, `f.group_id`. */
export const freeVidList = listing({
  item: freeVids,
  fields: { start: 'f.first', end: 'f.last', size: 'f.size' },
  from: `(SELECT g.id AS group_id, lower(r) AS first, upper(r) - 1 AS last, upper(r) - lower(r) AS size
            FROM vlan_group g CROSS JOIN LATERAL unnest(free_vids(g.id)) r) f`,
  table: 'vlan_group',
  idSql: 'f.first',
  sorts: { start: { sql: 'f.first', type: 'int' }, size: { sql: 'f.size', type: 'int' } },
  defaultSort: 'start',
  filters: integerFilters('size', 'f.size'),
});
