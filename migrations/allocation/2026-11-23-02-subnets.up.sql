-- The lowest aligned block of a length at or above an address.
CREATE FUNCTION first_aligned(ip inet, length int) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN network(set_masklen(CASE WHEN first_ip(set_masklen(ip, length)) = ip THEN ip
                                ELSE last_ip(set_masklen(ip, length)) + 1 END, length));

-- The block of a given length that a strategy picks from a subnet's free space; NULL where none fits. Needs the lock.
-- `first`: the lowest aligned free block. `best-fit`: the lowest aligned block of the smallest span that has room.
-- Spans are found by `room`: of each class the lowest for `first`, the smallest for `best-fit`.
CREATE FUNCTION find_block(home subnet, p_length int, p_strategy text) RETURNS cidr LANGUAGE plpgsql AS $$
DECLARE
  span record;
  best inet;
  size numeric;
  best_size numeric;
  least_size numeric;
BEGIN
  IF (SELECT has_ranges FROM subnet_usage WHERE subnet_id = home.id) THEN
    SELECT first INTO best FROM spans_between_ranges(home) WHERE span_room(first, last) <= p_length
      ORDER BY CASE p_strategy WHEN 'best-fit' THEN span_size(first, last) END, first LIMIT 1;
    RETURN first_aligned(best, p_length);
  END IF;
  FOR class IN REVERSE p_length .. masklen(home.cidr) LOOP
    least_size := block_size(set_masklen(home.cidr::inet, class));
    -- No span of this class or of the larger ones can be smaller than what is found.
    EXIT WHEN p_strategy = 'best-fit' AND best_size < least_size;
    FOR span IN
      SELECT start_ip, end_ip FROM free_span
        WHERE subnet_id = home.id AND room = class AND available_at IS NULL ORDER BY end_ip
    LOOP
      IF p_strategy = 'first' THEN
        best := least(best, span.start_ip);
        EXIT;
      END IF;
      size := span_size(span.start_ip, span.end_ip);
      IF best IS NULL OR size < best_size OR (size = best_size AND span.start_ip < best) THEN
        best := span.start_ip;
        best_size := size;
      END IF;
      EXIT WHEN size = least_size;
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
  INSERT INTO subnet (vrf_id, cidr, name, status, description, tags, metadata)
    SELECT home.vrf_id, p_block, a.name, coalesce(a.status, 'active'), a.description,
           coalesce(a.tags, '{}'), coalesce(a.metadata, '{}')
      FROM subnet home, jsonb_to_record(p_attributes) AS a (name text, status text, description text, tags text[], metadata jsonb)
      WHERE home.id = p_subnet
    RETURNING id INTO made;
  RETURN made;
END $$;
