-- Drift: whether the counters and spans of subnets are what the truth makes of them. They should be, whoever writes; this
-- finds out where they are not, and mends it.

-- What is wrong with some subnets, a row per fault; read in one statement, it is of one moment, in which every transaction
-- has been as a whole or not at all. Not wrong is what is only put off: a cooled-down address that was not merged yet, and
-- bounds and hints that say less than is so (free_from too low, next_due too early, has_ranges without a range).
-- clock_timestamp: somebody who began after us may have merged what has cooled down since.
CREATE FUNCTION space_faults(ids bigint[]) RETURNS TABLE (subnet_id bigint, fault text) LANGUAGE sql VOLATILE AS $$
  WITH home AS MATERIALIZED (
    SELECT s.* FROM unnest(ids) id CROSS JOIN LATERAL (SELECT * FROM subnet WHERE subnet.id = id.id OFFSET 0) s
  ), kept AS MATERIALIZED (
    SELECT h.id, u.* FROM home h LEFT JOIN subnet_usage u ON u.subnet_id = h.id
  ), span AS MATERIALIZED (
    SELECT f.* FROM free_span f WHERE f.subnet_id = ANY (ids)
  ), piece AS (
    -- Spans and what is not free must cover the block without a gap, and no span anything else; what is not free may overlap.
    SELECT subnet_id, start_ip AS first, end_ip AS last, true AS is_span, available_at IS NULL AS is_free FROM span
    UNION ALL
    SELECT subnet_id, first, last, false, false FROM holes_of(ids) WHERE available_at = 'infinity'
    UNION ALL
    -- One more edge behind each block, so that the end is looked at like the rest.
    SELECT id, NULL, NULL, false, false FROM home
  ), edge AS (
    SELECT *, max(last) OVER below AS covered_to, max(last) FILTER (WHERE is_span) OVER below AS spans_to,
           max(last) FILTER (WHERE is_free) OVER below AS free_to
      FROM piece
      WINDOW below AS (PARTITION BY subnet_id ORDER BY first NULLS LAST, last
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), layout AS (
    SELECT h.id, CASE
        WHEN e.first < first_ip(h.cidr) OR e.first > last_ip(h.cidr) OR e.covered_to > last_ip(h.cidr) THEN 'beyond the block'
        -- Behind the last address of all there is none, and adding to it is an error.
        WHEN e.first IS NULL THEN
          CASE WHEN e.covered_to IS NULL OR e.covered_to < last_ip(h.cidr) THEN 'a gap at the end' END
        WHEN CASE WHEN e.covered_to IS NULL THEN e.first > first_ip(h.cidr)
                  WHEN e.covered_to < e.first THEN e.covered_to + 1 < e.first END THEN 'a gap before ' || host(e.first)
        WHEN e.is_span AND e.first <= e.covered_to OR e.first <= e.spans_to THEN 'an overlap at ' || host(e.first)
        WHEN e.is_free AND CASE WHEN e.free_to < e.first THEN e.free_to + 1 = e.first END
          THEN 'not merged at ' || host(e.first)
      END AS fault
      FROM edge e JOIN home h ON h.id = e.subnet_id
  ), cooling AS (
    SELECT h.id AS subnet_id, held.address, held.available_at FROM home h CROSS JOIN LATERAL holds_in(h) held
    UNION ALL
    SELECT a.subnet_id, a.address, a.available_at
      FROM address a JOIN kept k ON k.id = a.subnet_id
      WHERE a.status = 'free' AND a.available_at IS NOT NULL AND held_until(a.vrf_id, a.address) IS NULL
        AND NOT CASE WHEN k.has_ranges THEN NOT coalesce((range_at(a.vrf_id, a.address)).allocatable, true) ELSE false END
  )
  SELECT k.id, 'no usage row' FROM kept k WHERE k.subnet_id IS NULL
  UNION ALL
  SELECT k.id, c.name || ' ' || c.found || ' instead of ' || c.wanted
    FROM kept k JOIN true_counters(ids) t ON t.subnet_id = k.id
    CROSS JOIN LATERAL (VALUES
      ('counted_first', host(k.counted_first), host(t.counted_first)), ('counted_last', host(k.counted_last), host(t.counted_last)),
      ('total', k.total::text, t.total::text), ('children', k.children::text, t.children::text),
      ('child_count', k.child_count::text, t.child_count::text), ('taken', k.taken::text, t.taken::text),
      ('ranged', k.ranged::text, t.ranged::text), ('reserved', k.reserved::text, t.reserved::text),
      ('quarantined', k.quarantined::text, t.quarantined::text)) AS c (name, found, wanted)
    WHERE k.subnet_id IS NOT NULL AND c.found <> c.wanted
  UNION ALL
  SELECT k.id, 'has_ranges false in spite of ' || host(r.start_ip)
    FROM kept k JOIN home h ON h.id = k.id CROSS JOIN LATERAL ranges_in(h.vrf_id, first_ip(h.cidr), last_ip(h.cidr)) r
    WHERE NOT k.has_ranges
      AND own_size(h.id, greatest(r.start_ip, first_ip(h.cidr)), least(r.end_ip, last_ip(h.cidr))) > 0
  UNION ALL
  (SELECT DISTINCT ON (id) id, 'spans: ' || fault FROM layout WHERE fault IS NOT NULL ORDER BY id, fault)
  UNION ALL
  SELECT subnet_id, format('room %s instead of %s at %s', room, span_room(start_ip, end_ip), host(start_ip))
    FROM span WHERE room <> span_room(start_ip, end_ip)
  UNION ALL
  SELECT c.subnet_id, format('%s does not cool down until %s', host(c.address), c.available_at) FROM cooling c
    WHERE c.available_at > clock_timestamp() AND NOT EXISTS (SELECT FROM span f WHERE f.subnet_id = c.subnet_id
      AND (f.start_ip, f.end_ip, f.available_at) = (c.address, c.address, c.available_at))
  UNION ALL
  SELECT f.subnet_id, format('%s cools down though nobody released it', host(f.start_ip)) FROM span f
    WHERE f.available_at > clock_timestamp() AND NOT EXISTS (SELECT FROM cooling c WHERE c.subnet_id = f.subnet_id
      AND (f.start_ip, f.end_ip, f.available_at) = (c.address, c.address, c.available_at))
  UNION ALL
  SELECT k.id, format('free_from %s hides %s', host(k.free_from), host(f.start_ip))
    FROM kept k JOIN home h ON h.id = k.id JOIN span f ON f.subnet_id = k.id
    CROSS JOIN LATERAL (
      SELECT greatest(f.start_ip, first_usable(h.cidr, h.allow_network_and_broadcast)) AS lowest) usable
    WHERE f.available_at IS NULL AND lowest <= f.end_ip AND lowest < k.free_from
  UNION ALL
  SELECT k.id, format('next_due %s is later than %s', k.next_due, f.available_at)
    FROM kept k JOIN span f ON f.subnet_id = k.id
    WHERE f.available_at IS NOT NULL AND (k.next_due IS NULL OR k.next_due > f.available_at)
$$;

-- Looks for drift in some subnets and mends it; answers what was wrong. Only those that look wrong are locked, and looked
-- at again under the lock, so that a walk through all subnets is in nobody's way.
CREATE FUNCTION check_space(ids bigint[]) RETURNS TABLE (subnet_id bigint, vrf_id bigint, cidr cidr, faults text[])
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  suspects bigint[];
  wrong bigint[] := '{}';
BEGIN
  EXECUTE 'SELECT array_agg(DISTINCT subnet_id) FROM space_faults($1)' INTO suspects USING ids;
  IF suspects IS NULL THEN
    RETURN;
  END IF;
  PERFORM lock_usage(suspects);
  FOR subnet_id, vrf_id, cidr, faults IN EXECUTE
    'SELECT s.id, s.vrf_id, s.cidr, array_agg(f.fault) FROM space_faults($1) f JOIN subnet s ON s.id = f.subnet_id
       GROUP BY s.id ORDER BY s.id' USING suspects
  LOOP
    wrong := wrong || subnet_id;
    RETURN NEXT;
  END LOOP;
  IF cardinality(wrong) > 0 THEN
    PERFORM recount(wrong);
    PERFORM rebuild_spans(wrong);
    -- The roll-up did not see the damage, and must not see the repair as a change.
    PERFORM mark_rollup(v) FROM (SELECT DISTINCT s.vrf_id AS v FROM subnet s WHERE s.id = ANY (wrong) ORDER BY v) vrfs;
  END IF;
END $$;

-- The walk through all subnets: how far it has come, and what was found by it and by the last one that came to the end.
CREATE TABLE space_check (
  only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  reached     bigint NOT NULL DEFAULT 0,
  found       bigint NOT NULL DEFAULT 0,
  drift       bigint NOT NULL DEFAULT 0,
  finished_at timestamptz
);
INSERT INTO space_check DEFAULT VALUES;
