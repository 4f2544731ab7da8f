import { named } from '#core';
import { addressColumns, embeddedSubnetColumns, subnetColumns } from './records.ts';

/**
 * The longest match of each of some addresses or blocks in each VRF, with what lies above it (the top first) and the id of the
 * address's own row. The path comes from a function and each row of it by its key: joined in one piece, a wrong guess at the
 * number of VRFs has the planner read every subnet.
 */
export const lookupMatches = named(
  'lookup_matches',
  `SELECT asked.nth - 1 AS nth, v.name AS "vrfName", above.ancestors,
          (SELECT id FROM address WHERE address = asked.ip AND vrf_id = v.id) AS "addressId", home.*
     FROM unnest($1::inet[]) WITH ORDINALITY AS asked (ip, nth)
    CROSS JOIN vrf v
    CROSS JOIN LATERAL (SELECT longest_path(v.id, asked.ip) AS ids OFFSET 0) path
    CROSS JOIN LATERAL (
      SELECT ${embeddedSubnetColumns} FROM subnet s JOIN subnet_usage u ON u.subnet_id = s.id
       WHERE s.id = path.ids[cardinality(path.ids)] OFFSET 0) home
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(ancestor), '[]') AS ancestors
        FROM (SELECT a.id, a.cidr, a.name, a.status FROM subnet a
               WHERE a.id = ANY (path.ids[1 : cardinality(path.ids) - 1]) ORDER BY masklen(a.cidr)) ancestor) above
    WHERE $2::bigint IS NULL OR v.id = $2
    ORDER BY asked.nth, v.id`,
);

/** The rows of some addresses, each with the name of the device that holds it. */
export const addressesById = named(
  'addresses_by_id',
  `SELECT ${addressColumns}, d.name AS "deviceName" FROM address a LEFT JOIN device d ON d.id = a.device_id
    WHERE a.id = ANY ($1::bigint[])`,
);

/** The ids and names of what a VRF reference means. */
export const findVrf = named(
  'find_vrf',
  'SELECT id FROM vrf WHERE id::text = $1 OR name = $1 ORDER BY id LIMIT 1',
);

/** A subnet and everything above it, the top first. */
export const ancestors = named(
  'ancestors',
  `WITH RECURSIVE chain AS (
     SELECT parent_id AS id, 1 AS up FROM subnet WHERE id = $1 AND parent_id IS NOT NULL
     UNION ALL
     SELECT p.parent_id, c.up + 1 FROM chain c JOIN subnet p ON p.id = c.id WHERE p.parent_id IS NOT NULL
   )
   SELECT ${subnetColumns} FROM chain c JOIN subnet s ON s.id = c.id JOIN subnet_usage u ON u.subnet_id = s.id
    ORDER BY c.up DESC`,
);

/** The first 100 children of each of some subnets, one more to tell whether they go on. */
export const firstChildren = named(
  'first_children',
  `SELECT child.* FROM unnest($1::bigint[]) AS p (id)
    CROSS JOIN LATERAL (
      SELECT ${subnetColumns} FROM subnet s JOIN subnet_usage u ON u.subnet_id = s.id
       WHERE s.parent_id = p.id ORDER BY s.cidr, s.id LIMIT 101) child`,
);

export const forgetHolds = named('forget_holds', 'DELETE FROM space_hold WHERE held_until <= now()');
export const lockUsage = named('lock_space', 'SELECT lock_usage($1::bigint[])');
export const holdAddresses = named('hold_addresses', 'SELECT hold_addresses($1, $2::inet[], $3)');

/** Free spans of a subnet that end above an address, lowest first; those that are cooling down are not free yet. */
export const freeSpans = named(
  'free_spans',
  `SELECT start_ip AS start, end_ip AS "end", span_size(start_ip, end_ip) AS size FROM free_span
    WHERE subnet_id = $1 AND ($2::inet IS NULL OR end_ip > $2) AND available_at IS NULL ORDER BY end_ip LIMIT $3`,
);

/** Free spans that have room for a block of some length, for cutting blocks out of them. */
export const roomySpans = named(
  'roomy_spans',
  `SELECT start_ip AS start, end_ip AS "end" FROM free_span
    WHERE subnet_id = $1 AND ($2::inet IS NULL OR end_ip > $2) AND available_at IS NULL AND room <= $4
    ORDER BY end_ip LIMIT $3`,
);

/** The same where ranges lie in free spans: a block that holds any part of a range is not free. Cut span by span, for a page. */
export const roomySpansBetweenRanges = named(
  'roomy_spans_between_ranges',
  `SELECT gap.first AS start, gap.last AS "end"
     FROM subnet s JOIN free_span f ON f.subnet_id = s.id
    CROSS JOIN LATERAL between_ranges(s.vrf_id, f.start_ip, f.end_ip) gap
    WHERE s.id = $1 AND ($2::inet IS NULL OR f.end_ip > $2 AND gap.last > $2) AND f.available_at IS NULL
      AND f.room <= $4 AND span_room(gap.first, gap.last) <= $4
    ORDER BY f.end_ip, gap.last LIMIT $3`,
);

/** The family of a subnet, whether ranges lie in its free spans, and whether an address has cooled down since those were merged. */
export const spaceOf = named(
  'space_of',
  `SELECT coalesce(next_due <= now(), false) AS due, family(counted_first) AS family,
          has_ranges AND EXISTS (SELECT FROM ranges_in_spans(s)) AS "hasRanges"
     FROM subnet_usage JOIN subnet s ON s.id = subnet_id WHERE subnet_id = $1`,
);
