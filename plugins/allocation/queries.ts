import { named } from '#core';

/** Locks the space of some subnets and answers those that are there, with the bounds of what they may hand out. */
export const openSpaces = named('open_spaces', 'SELECT * FROM open_spaces($1)');

/** Locks the trees and the space of some subnets, for handing out subnets. */
export const openForSubnets = named('open_for_subnets', 'SELECT open_for_subnets($1)');

/** A page of free runs inside some windows. */
export const freeRuns = named('free_runs', 'SELECT first, last FROM free_runs($1, $2, $3, $4, $5, $6)');

/** The largest free runs inside some windows, and some more. */
export const largestRuns = named('largest_runs', 'SELECT first, last FROM largest_runs($1, $2, $3, $4, $5)');

/** How many addresses are free inside some windows. */
export const freeTotal = named(
  'free_total',
  'SELECT coalesce(sum(span_size(first, last)), 0)::text AS total FROM free_runs($1, $2, $3, 1, NULL, false)',
);

/** Of some runs, whether each is free as a whole: spans touch nowhere, so that one has all of it. */
export const areFree = named(
  'are_free',
  `SELECT ARRAY(
     SELECT coalesce((SELECT start_ip <= run.first AND available_at IS NULL FROM free_span
                       WHERE subnet_id = $1 AND end_ip >= run.last ORDER BY end_ip LIMIT 1), false)
       FROM unnest($2::inet[], $3::inet[]) WITH ORDINALITY AS run (first, last, nth) ORDER BY nth) AS free`,
);

/** The ranges that lie in the free spans of a subnet; no block that is handed out may hold any part of one. */
export const rangesOf = named(
  'ranges_of',
  `SELECT start_ip AS first, end_ip AS last FROM subnet s
     JOIN subnet_usage u ON u.subnet_id = s.id AND u.has_ranges
    CROSS JOIN LATERAL ranges_in_spans(s) WHERE s.id = $1 ORDER BY start_ip`,
);

/** The block of a length that an index leads to. */
export const findBlock = named(
  'find_block',
  'SELECT find_block(s, $2, $3) AS block FROM subnet s WHERE id = $1',
);

/** Makes a subnet of a block that was picked; null where it is not free. */
export const allocateSubnet = named('allocate_subnet', 'SELECT allocate_subnet($1, $2, $3::jsonb) AS id');
