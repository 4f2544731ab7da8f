-- Subnets that grow, shrink or move, with all that follows: parents, homes, ranges, counters and spans. Both functions take the
-- locks themselves (tree, then usage rows by id) and refuse what would leave something wrong, whoever calls them; what
-- is policy (what may be lost, and who is told) is their caller's.

-- An address or block at the same place of another block of the same length.
CREATE FUNCTION moved_ip(ip inet, was cidr, becomes cidr) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN set_masklen((ip & hostmask(was)) | first_ip(becomes), masklen(ip));

-- Counts and lays out anew some subnets, each once; NULL is none. Needs their locks.
CREATE FUNCTION recompute_subnets(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  each bigint[] := ARRAY(SELECT DISTINCT id FROM unnest(ids) id WHERE id IS NOT NULL);
BEGIN
  PERFORM recount(each);
  PERFORM rebuild_spans(each);
END $$;

-- The subnets whose own space changes when one takes another block that holds it or lies in it: itself, the subnet above,
-- and the one that will be above.
CREATE FUNCTION resize_touches(p_subnet bigint, p_block cidr) RETURNS bigint[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY[s.id, s.parent_id, CASE m.id WHEN s.id THEN s.parent_id ELSE m.id END]
    FROM subnet s CROSS JOIN LATERAL (SELECT longest_match(s.vrf_id, p_block) AS id) m WHERE s.id = p_subnet
$$;

-- A subnet takes another block, one that holds its own or lies in it. What it had outside goes to the subnet above; what
-- it holds now it takes from the subnet that is above from now on. Where it has grown past the subnet above, that one is
-- inside it, and keeps what both held. Answers how many addresses went from where to where.
CREATE FUNCTION resize_subnet(p_subnet bigint, p_block cidr)
RETURNS TABLE (from_id bigint, to_id bigint, addresses bigint) LANGUAGE plpgsql SET cadastre.space = 'held' AS $$
DECLARE
  s subnet;
  touched bigint[];
  above bigint;
  is_past boolean;
BEGIN
  PERFORM lock_tree(vrf_id) FROM subnet WHERE id = p_subnet;
  touched := resize_touches(p_subnet, p_block);
  PERFORM lock_usage(touched);
  SELECT * INTO s FROM subnet WHERE id = p_subnet;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no subnet %.', p_subnet USING ERRCODE = 'no_data_found';
  END IF;
  IF s.cidr = p_block THEN
    RETURN;
  END IF;
  IF NOT s.cidr && p_block THEN
    RAISE EXCEPTION '% neither holds % nor lies in it.', p_block, s.cidr
      USING ERRCODE = 'check_violation', CONSTRAINT = 'subnet_block_stays';
  END IF;
  above := touched[3];
  is_past := EXISTS (SELECT FROM subnet WHERE id = s.parent_id AND cidr << p_block);
  UPDATE subnet SET cidr = p_block, parent_id = above WHERE id = s.id;

  UPDATE subnet SET parent_id = s.parent_id WHERE parent_id = s.id AND (is_past OR NOT cidr << p_block);
  IF s.parent_id IS NULL THEN
    PERFORM refuse_homeless((SELECT count(*) FROM address WHERE subnet_id = s.id AND NOT address <<= p_block));
  ELSE
    UPDATE address SET subnet_id = s.parent_id WHERE subnet_id = s.id AND (is_past OR NOT address <<= p_block);
    GET DIAGNOSTICS addresses = ROW_COUNT;
    from_id := s.id;
    to_id := s.parent_id;
    IF addresses > 0 THEN RETURN NEXT; END IF;
  END IF;

  IF above IS NULL THEN
    UPDATE subnet SET parent_id = s.id
      WHERE vrf_id = s.vrf_id AND cidr > p_block AND cidr <= last_ip(p_block) AND parent_id IS NULL;
    PERFORM refuse_homeless_ranges(ARRAY(SELECT id FROM ranges_in(s.vrf_id, first_ip(s.cidr), last_ip(s.cidr))));
  ELSE
    UPDATE subnet SET parent_id = s.id
      WHERE parent_id = above AND cidr > p_block AND cidr <= last_ip(p_block);
    UPDATE address SET subnet_id = s.id
      WHERE subnet_id = above AND address BETWEEN first_ip(p_block) AND last_ip(p_block);
    GET DIAGNOSTICS addresses = ROW_COUNT;
    from_id := above;
    to_id := s.id;
    IF addresses > 0 THEN RETURN NEXT; END IF;
  END IF;
  PERFORM recompute_subnets(touched);
END $$;

-- The subnets whose own space changes when a branch moves to another block: all of it, the subnet above, and the one that
-- will be above.
CREATE FUNCTION renumber_touches(p_subnet bigint, p_block cidr) RETURNS bigint[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY[s.parent_id, longest_match(s.vrf_id, p_block)]
      || ARRAY(SELECT id FROM subnet WHERE vrf_id = s.vrf_id AND cidr BETWEEN s.cidr AND last_ip(s.cidr))
    FROM subnet s WHERE s.id = p_subnet
$$;

-- A subnet and all that lies in it move to another block of the same length, each to the same place in it. Nothing may be
-- there, not even a released address. A range that only reaches into the subnet is that of the one above, and stays.
CREATE FUNCTION renumber_subnet(p_subnet bigint, p_block cidr) RETURNS void LANGUAGE plpgsql SET cadastre.space = 'held' AS $$
DECLARE
  s subnet;
  touched bigint[];
BEGIN
  PERFORM lock_tree(vrf_id) FROM subnet WHERE id = p_subnet;
  touched := renumber_touches(p_subnet, p_block);
  PERFORM lock_usage(touched);
  SELECT * INTO s FROM subnet WHERE id = p_subnet;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no subnet %.', p_subnet USING ERRCODE = 'no_data_found';
  END IF;
  IF s.cidr = p_block THEN
    RETURN;
  END IF;
  IF family(s.cidr) <> family(p_block) OR masklen(s.cidr) <> masklen(p_block) THEN
    RAISE EXCEPTION '% is not as large as %.', p_block, s.cidr
      USING ERRCODE = 'check_violation', CONSTRAINT = 'subnet_block_stays';
  END IF;
  IF EXISTS (SELECT FROM subnet WHERE vrf_id = s.vrf_id AND cidr BETWEEN p_block AND last_ip(p_block))
     OR EXISTS (SELECT FROM address
                  WHERE vrf_id = s.vrf_id AND address BETWEEN first_ip(p_block) AND last_ip(p_block))
     OR EXISTS (SELECT FROM ranges_in(s.vrf_id, first_ip(p_block), last_ip(p_block))) THEN
    RAISE EXCEPTION '% is not empty.', p_block USING ERRCODE = 'check_violation', CONSTRAINT = 'renumber_needs_room';
  END IF;
  UPDATE subnet SET cidr = moved_ip(cidr, s.cidr, p_block)::cidr, gateway = moved_ip(gateway, s.cidr, p_block),
      parent_id = CASE id WHEN s.id THEN touched[2] ELSE parent_id END
    WHERE vrf_id = s.vrf_id AND cidr BETWEEN s.cidr AND last_ip(s.cidr);
  UPDATE address SET address = moved_ip(address, s.cidr, p_block)
    WHERE vrf_id = s.vrf_id AND address BETWEEN first_ip(s.cidr) AND last_ip(s.cidr);
  -- The last: its triggers look at the tree, and lay the spans out anew.
  UPDATE ip_range SET start_ip = moved_ip(start_ip, s.cidr, p_block), end_ip = moved_ip(end_ip, s.cidr, p_block)
    WHERE vrf_id = s.vrf_id AND start_ip BETWEEN first_ip(s.cidr) AND last_ip(s.cidr) AND end_ip <= last_ip(s.cidr);
  PERFORM recompute_subnets(touched);
END $$;
