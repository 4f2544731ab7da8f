import { z } from 'zod';
import { type Filter, type Include, type ListExtension, named } from '#core';
import { addressList, subnetList } from '#plugins/subnets';

/** A tag that holds for a record since a subnet above carries it, and the nearest such subnet. */
const inheritedTag = z
  .object({
    tag: z.string(),
    color: z.string(),
    from: z.object({ id: z.int(), cidr: z.string().meta({ format: 'cidr' }) }),
  })
  .meta({ id: 'InheritedTag' });

/** Of some subnets the inherited tags that they or what lies above them carry: each tag once, the nearest first. */
const inheritedFrom = named(
  'inherited_tags_from',
  `WITH RECURSIVE way (start, id, steps) AS (
     SELECT id, id, 0 FROM unnest($1::bigint[]) AS asked (id)
     UNION ALL
     SELECT way.start, above.parent_id, way.steps + 1
       FROM way CROSS JOIN LATERAL (SELECT parent_id FROM subnet WHERE id = way.id OFFSET 0) above
      WHERE above.parent_id IS NOT NULL
   )
   SELECT start AS id,
          json_agg(json_build_object('tag', name, 'color', color, 'from', json_build_object('id', id, 'cidr', cidr))
                   ORDER BY steps, name) AS tags
     FROM (SELECT DISTINCT ON (way.start, t.name) way.start, way.steps, t.name, t.color, carrier.id, carrier.cidr
             FROM way
            CROSS JOIN LATERAL (SELECT id, cidr, tags FROM subnet s WHERE s.id = way.id AND s.tags <> '{}' OFFSET 0) carrier
             JOIN tag t ON t.inherited AND t.name = ANY (carrier.tags)
            ORDER BY way.start, t.name, way.steps) nearest
    GROUP BY start`,
);

/** What records inherit from the subnet that `field` names, and from those above it. */
function inheritedTags(field: 'parentId' | 'subnetId'): Include {
  return {
    schema: z.array(inheritedTag),
    async load(query, items) {
      const ids = [...new Set(items.map((item) => item[field] as number | null))].filter((id) => id !== null);
      const rows = ids.length === 0 ? [] : await query<{ id: number; tags: unknown[] }>(inheritedFrom, [ids]);
      const byId = new Map(rows.map(({ id, tags }) => [id, tags]));
      return items.map((item) => byId.get(item[field] as number) ?? []);
    },
  };
}

/** The blocks of the subnets that hand any of some tags down. */
const carriers = (names: string) => `(SELECT vrf_id, cidr FROM subnet
      WHERE tags <> '{}' AND tags && ${names}
        AND EXISTS (SELECT FROM tag t WHERE t.inherited AND t.name = ANY (${names}) AND t.name = ANY (subnet.tags))) c`;

/**
 * Records that carry any of some tags themselves, or inherit it; `ids` is SQL that answers theirs. Both are found by index, and the page
 * is cut out of them: joined by OR, the planner would read the list in its order until a page is full.
 */
function effectiveTag(alias: string, ids: (names: string) => string): Filter {
  const name = z.string().min(1).max(100);
  return {
    schema: z
      .union([name, z.array(name).max(100)])
      .meta({ description: 'Has the tag itself, or inherits it from a subnet above.' }),
    condition: (values, bindings) => `${alias}.id IN (${ids(bindings.bind(values, 'text[]'))})`,
  };
}

const effectiveSubnets = (names: string) =>
  `SELECT id FROM subnet WHERE tags <> '{}' AND tags && ${names} UNION ALL
   SELECT below.id FROM ${carriers(names)} JOIN subnet below ON below.vrf_id = c.vrf_id AND below.cidr << c.cidr`;

const effectiveAddresses = (names: string) =>
  `SELECT id FROM address WHERE tags <> '{}' AND tags && ${names} UNION ALL
   SELECT inside.id FROM ${carriers(names)}
     JOIN address inside ON inside.vrf_id = c.vrf_id AND inside.address BETWEEN first_ip(c.cidr) AND last_ip(c.cidr)`;

/** What tags add to the lists of the address space. */
export const inheritance: readonly ListExtension[] = [
  {
    list: subnetList,
    includes: { inheritedTags: inheritedTags('parentId') },
    filters: { effectiveTag: effectiveTag('s', effectiveSubnets) },
  },
  {
    list: addressList,
    includes: { inheritedTags: inheritedTags('subnetId') },
    filters: { effectiveTag: effectiveTag('a', effectiveAddresses) },
  },
];
