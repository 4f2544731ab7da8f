-- What strategies see: the free space of a subnet as runs, between bounds and without what a request leaves out. `firsts`
-- and `lasts` are windows, disjoint and lowest first; a run is what a free span and a window share.
-- Everything here is read under the lock that open_spaces takes, in a statement of its own.

-- Locks the space of some subnets, in id order, and merges what has cooled down. Answers each that is there, in the order
-- asked for, with the bounds of what it may hand out.
CREATE FUNCTION open_spaces(ids bigint[]) RETURNS TABLE (id bigint, cidr cidr, lowest inet, highest inet, strategy text)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM lock_usage(ids);
  PERFORM settle_spans(subnet_id) FROM subnet_usage WHERE subnet_id = ANY (ids) AND next_due <= now();
  RETURN QUERY
  SELECT s.id, s.cidr, first_usable(s.cidr, s.allow_network_and_broadcast),
         last_usable(s.cidr, s.allow_network_and_broadcast), s.strategy
    FROM unnest(ids) WITH ORDINALITY AS wanted (id, nth) JOIN subnet s ON s.id = wanted.id ORDER BY wanted.nth;
END $$;

-- The same for handing out subnets, which changes the tree: its lock comes first.
CREATE FUNCTION open_for_subnets(ids bigint[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_tree(v.vrf_id) FROM (SELECT DISTINCT vrf_id FROM subnet WHERE id = ANY (ids) ORDER BY vrf_id) v;
  PERFORM open_spaces(ids);
END $$;

-- The first `p_most` runs of at least `p_least` addresses, from the lowest upwards or from the highest downwards.
CREATE FUNCTION free_runs(p_subnet bigint, firsts inet[], lasts inet[], p_least int, p_most int, downwards boolean)
RETURNS TABLE (first inet, last inet) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  low inet;
  high inet;
  upto inet;
  written int;
  windows int := cardinality(firsts);
  wanted int := p_most;
BEGIN
  FOR nth IN 1 .. windows LOOP
    low := firsts[CASE WHEN downwards THEN windows + 1 - nth ELSE nth END];
    high := lasts[CASE WHEN downwards THEN windows + 1 - nth ELSE nth END];
    -- The last span that may reach into the window: spans are found by their ends.
    SELECT end_ip INTO upto FROM free_span WHERE subnet_id = p_subnet AND end_ip >= high ORDER BY end_ip LIMIT 1;
    upto := coalesce(upto, high);
    IF downwards THEN
      RETURN QUERY
      SELECT greatest(start_ip, low), least(end_ip, high) FROM free_span
        WHERE subnet_id = p_subnet AND end_ip >= low AND end_ip <= upto AND start_ip <= high AND available_at IS NULL
          AND (p_least = 1 OR span_count(greatest(start_ip, low), least(end_ip, high), p_least) >= p_least)
        ORDER BY end_ip DESC LIMIT wanted;
    ELSE
      RETURN QUERY
      SELECT greatest(start_ip, low), least(end_ip, high) FROM free_span
        WHERE subnet_id = p_subnet AND end_ip >= low AND end_ip <= upto AND start_ip <= high AND available_at IS NULL
          AND (p_least = 1 OR span_count(greatest(start_ip, low), least(end_ip, high), p_least) >= p_least)
        ORDER BY end_ip LIMIT wanted;
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    wanted := wanted - written;
    EXIT WHEN wanted = 0;
  END LOOP;
END $$;

-- The `p_most` largest runs of spans that have room for a block of length `p_room`, and some more, in no order. A span's room
-- tells its size but for a factor of four, so the roomiest are looked at first, and no further than where smaller ones
-- could not be larger.
CREATE FUNCTION largest_runs(p_subnet bigint, firsts inet[], lasts inet[], p_most int, p_room int)
RETURNS TABLE (first inet, last inet) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  run record;
  at int := 0;
  size numeric;
  bound numeric;
  sizes numeric[] := '{}';
  bits int := address_bits(firsts[1]);
BEGIN
  LOOP
    SELECT room INTO at FROM free_span
      WHERE subnet_id = p_subnet AND room >= at AND room <= p_room AND available_at IS NULL ORDER BY room LIMIT 1;
    EXIT WHEN at IS NULL;
    bound := 4 * trunc(2::numeric ^ (bits - at));
    EXIT WHEN (SELECT count(*) FROM unnest(sizes) s WHERE s >= bound) >= p_most;
    FOR run IN
      SELECT greatest(s.start_ip, w.low) AS first, least(s.end_ip, w.high) AS last
        FROM free_span s JOIN unnest(firsts, lasts) AS w (low, high) ON s.end_ip >= w.low AND s.start_ip <= w.high
        WHERE s.subnet_id = p_subnet AND s.room = at AND s.available_at IS NULL
        ORDER BY span_size(greatest(s.start_ip, w.low), least(s.end_ip, w.high)) DESC, 1 LIMIT p_most
    LOOP
      sizes := sizes || span_size(run.first, run.last);
      first := run.first;
      last := run.last;
      RETURN NEXT;
    END LOOP;
    at := at + 1;
  END LOOP;
END $$;

-- Who hands out the lowest addresses reads the subnet again where its usage row has been written since.
CREATE FUNCTION note_strategy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE subnet_usage SET free_from = free_from WHERE subnet_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_strategy_noted AFTER UPDATE ON subnet
  FOR EACH ROW WHEN (OLD.strategy IS DISTINCT FROM NEW.strategy) EXECUTE FUNCTION note_strategy();
