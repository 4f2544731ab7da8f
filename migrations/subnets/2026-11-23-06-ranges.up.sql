-- Ranges: each lies within one subnet of its VRF, and its addresses are free or not, and count or not, in every subnet that
-- it reaches into, whoever writes. They change seldom: what a range touches is recomputed.

CREATE FUNCTION place_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM lock_tree(OLD.vrf_id);
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.vrf_id <> OLD.vrf_id THEN
    RAISE EXCEPTION 'The VRF of a range cannot be changed.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'range_vrf_stays';
  END IF;
  PERFORM lock_tree(NEW.vrf_id);
  -- What the table's constraints will refuse is left to them.
  IF family(NEW.start_ip) = family(NEW.end_ip)
     AND longest_match(NEW.vrf_id, inet_merge(NEW.start_ip, NEW.end_ip)) IS NULL THEN
    RAISE EXCEPTION '% to % does not lie within one subnet of its VRF.', host(NEW.start_ip), host(NEW.end_ip)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'range_needs_subnet';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ip_range_place BEFORE INSERT OR UPDATE OR DELETE ON ip_range
  FOR EACH ROW EXECUTE FUNCTION place_range();
CREATE TRIGGER ip_range_version BEFORE UPDATE ON ip_range
  FOR EACH ROW EXECUTE FUNCTION keep_version();

-- The subnets whose own space a run may be part of: the longest that contains all of it, and those below that it reaches into.
CREATE FUNCTION subnets_reached(p_vrf bigint, first inet, last inet) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  home subnet;
BEGIN
  SELECT * INTO home FROM subnet WHERE id = longest_match(p_vrf, inet_merge(first, last));
  RETURN QUERY SELECT id FROM subnet WHERE vrf_id = p_vrf AND cidr > first AND cidr <= last AND cidr << home.cidr;
  RETURN QUERY SELECT s.id FROM unnest(longest_path(p_vrf, first)) above JOIN subnet s ON s.id = above
    WHERE s.cidr <<= home.cidr AND NOT (s.cidr > first);
END $$;

CREATE FUNCTION recompute_reached(vrfs bigint[], firsts inet[], lasts inet[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recompute_space((SELECT array_agg(DISTINCT id)
    FROM unnest(vrfs, firsts, lasts) AS r (vrf, first, last), subnets_reached(r.vrf, r.first, r.last) id));
END $$;

CREATE FUNCTION ranges_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recompute_reached(array_agg(vrf_id), array_agg(start_ip), array_agg(end_ip)) FROM inserted;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_range_inserted AFTER INSERT ON ip_range
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION ranges_inserted();

CREATE FUNCTION ranges_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recompute_reached(array_agg(vrf_id), array_agg(start_ip), array_agg(end_ip)) FROM deleted;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_range_deleted AFTER DELETE ON ip_range
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION ranges_deleted();

CREATE FUNCTION ranges_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE $sql$
    SELECT recompute_reached(array_agg(vrf_id), array_agg(start_ip), array_agg(end_ip)) FROM (
      SELECT b.vrf_id, unnest(ARRAY[b.start_ip, a.start_ip]) AS start_ip, unnest(ARRAY[b.end_ip, a.end_ip]) AS end_ip
        FROM before_update b JOIN after_update a USING (id)
        WHERE (b.start_ip, b.end_ip, b.allocatable, b.count_as_used)
          IS DISTINCT FROM (a.start_ip, a.end_ip, a.allocatable, a.count_as_used)) changed
  $sql$;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_range_updated AFTER UPDATE ON ip_range
  REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update FOR EACH STATEMENT EXECUTE FUNCTION ranges_updated();

-- The ranges that share addresses with the free spans of a subnet: allocatable ones in its own space. Others are in no span.
CREATE FUNCTION ranges_in_spans(home subnet) RETURNS SETOF ip_range LANGUAGE sql STABLE AS $$
  SELECT r.*
    FROM ranges_in(home.vrf_id, first_ip(home.cidr), last_ip(home.cidr)) r
    CROSS JOIN LATERAL (
      SELECT start_ip FROM free_span WHERE subnet_id = home.id AND end_ip >= r.start_ip ORDER BY end_ip LIMIT 1) f
    WHERE r.allocatable AND f.start_ip <= r.end_ip
$$;

-- What is left of a run of addresses where ranges lie in it: a block that holds any part of a range is not free.
CREATE FUNCTION between_ranges(p_vrf bigint, run_first inet, run_last inet) RETURNS TABLE (first inet, last inet)
LANGUAGE sql STABLE AS $$
  SELECT gap.first, gap.last
    FROM (
      -- One more edge behind the run, so that the gap after its last range is found like the others.
      SELECT CASE WHEN covered_to IS NULL THEN run_first WHEN covered_to < run_last THEN covered_to + 1 END AS first,
             CASE WHEN edge.first IS NULL THEN run_last WHEN edge.first > run_first THEN edge.first - 1 END AS last
        FROM (SELECT r.first, lag(r.last) OVER (ORDER BY r.first NULLS LAST) AS covered_to
                FROM (SELECT start_ip AS first, end_ip AS last FROM ranges_in(p_vrf, run_first, run_last)
                      UNION ALL SELECT NULL, NULL) r) edge) gap
    WHERE gap.first <= gap.last
$$;

CREATE TRIGGER ip_range_no_truncate BEFORE TRUNCATE ON ip_range EXECUTE FUNCTION refuse_truncate();
