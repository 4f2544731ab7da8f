-- The lowest aligned block of a length at or above an address.
CREATE FUNCTION first_aligned(ip inet, length int) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN network(set_masklen(CASE WHEN first_ip(set_masklen(ip, length)) = ip THEN ip
                                ELSE last_ip(set_masklen(ip, length)) + 1 END, length));

-- The block of a given length that a strategy picks from a subnet's free space; NULL where none fits. Needs the lock.
-- `first`: the lowest aligned free block. `best-fit`: the lowest aligned block of the smallest span that has room.
-- Spans are found by `room`: of each class the lowest for `first`, the smallest for `best-fit`. Where ranges lie in some of
-- them, those are cut, and what is left between the ranges is looked at beside the whole ones.
CREATE FUNCTION find_block(home subnet, p_length int, p_strategy text) RETURNS cidr LANGUAGE plpgsql AS $$
DECLARE
  span record;
  best inet;
  size numeric;
  best_size numeric;
  least_size numeric;
  are_cut boolean := false;
BEGIN
  IF (SELECT has_ranges FROM subnet_usage WHERE subnet_id = home.id) THEN
    are_cut := EXISTS (SELECT FROM ranges_in_spans(home));
  END IF;
  IF are_cut THEN
    -- The span in which a range begins and that in which it ends; between those two it covers whole spans.
    SELECT gap.first, span_size(gap.first, gap.last) INTO best, best_size
      FROM (SELECT DISTINCT f.start_ip, f.end_ip
              FROM ranges_in_spans(home) r CROSS JOIN LATERAL unnest(ARRAY[r.start_ip, r.end_ip]) edge
              CROSS JOIN LATERAL (SELECT * FROM free_span
                                    WHERE subnet_id = home.id AND end_ip >= edge ORDER BY end_ip LIMIT 1) f
              WHERE f.start_ip <= r.end_ip AND f.available_at IS NULL) cut
      CROSS JOIN LATERAL between_ranges(home.vrf_id, cut.start_ip, cut.end_ip) gap
      WHERE span_room(gap.first, gap.last) <= p_length
      ORDER BY CASE p_strategy WHEN 'best-fit' THEN span_size(gap.first, gap.last) END, gap.first LIMIT 1;
  END IF;
  FOR class IN REVERSE p_length .. masklen(home.cidr) LOOP
    least_size := block_size(set_masklen(home.cidr::inet, class));
    -- No span of this class or of the larger ones can be smaller than what is found.
    EXIT WHEN p_strategy = 'best-fit' AND best_size < least_size;
    FOR span IN
      SELECT start_ip, end_ip FROM free_span
        WHERE subnet_id = home.id AND room = class AND available_at IS NULL ORDER BY end_ip
    LOOP
      EXIT WHEN span.start_ip > best AND (p_strategy = 'first' OR best_size = least_size);
      size := span_size(span.start_ip, span.end_ip);
      CONTINUE WHEN p_strategy = 'best-fit' AND (size > best_size OR (size = best_size AND span.start_ip > best));
      CONTINUE WHEN are_cut AND EXISTS (SELECT FROM ranges_in(home.vrf_id, span.start_ip, span.end_ip));
      best := span.start_ip;
      best_size := size;
    END LOOP;
  END LOOP;
  RETURN first_aligned(best, p_length);
END $$;

-- Makes one subnet in a subnet whose tree and space are locked; NULL where its block is not free, or any range lies in it.
CREATE FUNCTION allocate_subnet(p_subnet bigint, p_block cidr, p_attributes jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  span free_span;
  made bigint;
BEGIN
  SELECT * INTO span FROM free_span
    WHERE subnet_id = p_subnet AND end_ip >= last_ip(p_block) ORDER BY end_ip LIMIT 1;
  IF span.start_ip > first_ip(p_block) OR span.available_at IS NOT NULL OR span.start_ip IS NULL
     OR EXISTS (SELECT FROM subnet s, ranges_in(s.vrf_id, first_ip(p_block), last_ip(p_block)) WHERE s.id = p_subnet) THEN
    RETURN NULL;
  END IF;
  INSERT INTO subnet (vrf_id, cidr, name, status, vlan_id, description, tags, metadata, custom_fields)
    SELECT home.vrf_id, p_block, a.name, coalesce(a.status, 'active'), a."vlanId", a.description,
           coalesce(a.tags, '{}'), coalesce(a.metadata, '{}'), coalesce(a."customFields", '{}')
      FROM subnet home, jsonb_to_record(p_attributes)
             AS a (name text, status text, "vlanId" bigint, description text, tags text[], metadata jsonb, "customFields" jsonb)
      WHERE home.id = p_subnet
    RETURNING id INTO made;
  RETURN made;
END $$;
