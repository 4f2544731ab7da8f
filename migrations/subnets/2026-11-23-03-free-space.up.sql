-- Free space: for each subnet the disjoint spans that no child, no range that hands nothing out and no occupied address
-- covers, and its counters.
-- The usage row is the lock: whoever changes a subnet's space locks it first (in id order when several), and only then
-- looks, in a new statement. The primitives here trust their caller to hold it.

CREATE TABLE free_span (
  subnet_id    bigint NOT NULL,
  start_ip     inet NOT NULL,
  end_ip       inet NOT NULL,
  -- NULL: now. In the future: an address that is cooling down; merged with its neighbours when due.
  available_at timestamptz,
  -- Length of the largest aligned block inside, for the allocation of subnets. It seldom changes when addresses are
  -- handed out from the low side, so that those updates touch no index and stay on their page.
  room         smallint NOT NULL,
  CONSTRAINT free_span_pkey PRIMARY KEY (subnet_id, end_ip),
  CONSTRAINT free_span_order_check CHECK (start_ip <= end_ip)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
CREATE INDEX free_span_room_idx ON free_span (subnet_id, room, end_ip) WHERE available_at IS NULL;

CREATE TABLE subnet_usage (
  subnet_id     bigint PRIMARY KEY CONSTRAINT subnet_usage_subnet_fkey REFERENCES subnet ON DELETE CASCADE,
  -- The addresses that count: the usable ones, or the whole block of a container.
  counted_first inet NOT NULL,
  counted_last  inet NOT NULL,
  total         numeric NOT NULL,
  -- Of those: covered by children, by ranges that count as used, and held by rows that are not free and lie in no such
  -- range; then all rows of two kinds.
  children      numeric NOT NULL DEFAULT 0,
  ranged        numeric NOT NULL DEFAULT 0,
  taken         numeric NOT NULL DEFAULT 0,
  reserved      numeric NOT NULL DEFAULT 0,
  quarantined   numeric NOT NULL DEFAULT 0,
  child_count   int NOT NULL DEFAULT 0,
  percent       numeric(5,2) GENERATED ALWAYS AS (least(100, round(100 * (children + ranged + taken) / total, 2))) STORED,
  -- No address below this is free now: where the search for the lowest begins, past dead index entries. NULL: not known.
  free_from     inet,
  -- When the next cooling span is due. NULL: none is cooling.
  next_due      timestamptz,
  -- Where false, no range reaches into what is the subnet's own, and nobody need look for one.
  has_ranges    boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
CREATE INDEX subnet_usage_percent_idx ON subnet_usage (percent, subnet_id);

-- Takes an interval out of a subnet's spans, whatever of it is in them.
CREATE FUNCTION carve(p_subnet bigint, p_first inet, p_last inet) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  low free_span;
  high free_span;
BEGIN
  SELECT * INTO low FROM free_span
    WHERE subnet_id = p_subnet AND end_ip >= p_first ORDER BY end_ip LIMIT 1;
  IF low.start_ip IS NULL OR low.start_ip > p_last THEN
    RETURN;
  END IF;
  IF low.end_ip > p_last THEN
    high := low;
  ELSE
    DELETE FROM free_span
      WHERE subnet_id = p_subnet AND end_ip BETWEEN p_first AND p_last;
    SELECT * INTO high FROM free_span
      WHERE subnet_id = p_subnet AND end_ip > p_last ORDER BY end_ip LIMIT 1;
  END IF;
  IF low.start_ip < p_first THEN
    INSERT INTO free_span (subnet_id, start_ip, end_ip, available_at, room)
      VALUES (p_subnet, low.start_ip, p_first - 1, low.available_at, span_room(low.start_ip, p_first - 1));
  END IF;
  -- The span that goes on above keeps its end, which is its key.
  IF high.start_ip <= p_last THEN
    UPDATE free_span SET start_ip = p_last + 1, room = span_room(p_last + 1, end_ip)
      WHERE subnet_id = p_subnet AND end_ip = high.end_ip;
  END IF;
END $$;

-- Puts an interval back, merged with its neighbours where they are free now, as it is; what cools down stays apart, address
-- by address, as a rebuild has it. The interval must not overlap a span, and must lie inside the subnet.
CREATE FUNCTION give_back(p_subnet bigint, p_first inet, p_last inet, p_available_at timestamptz DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  below free_span;
  above free_span;
  first inet := p_first;
BEGIN
  -- The lowest address of all has no neighbour below, and subtracting from it is an error.
  IF host(p_first) NOT IN ('0.0.0.0', '::') THEN
    SELECT * INTO below FROM free_span WHERE subnet_id = p_subnet AND end_ip = p_first - 1;
  END IF;
  SELECT * INTO above FROM free_span
    WHERE subnet_id = p_subnet AND end_ip > p_last ORDER BY end_ip LIMIT 1;
  IF below.subnet_id IS NOT NULL AND coalesce(below.available_at, p_available_at) IS NULL THEN
    DELETE FROM free_span WHERE subnet_id = p_subnet AND end_ip = below.end_ip;
    first := below.start_ip;
  END IF;
  IF above.start_ip - 1 = p_last AND coalesce(above.available_at, p_available_at) IS NULL THEN
    UPDATE free_span SET start_ip = first, room = span_room(first, end_ip)
      WHERE subnet_id = p_subnet AND end_ip = above.end_ip;
  ELSE
    INSERT INTO free_span (subnet_id, start_ip, end_ip, available_at, room)
      VALUES (p_subnet, first, p_last, p_available_at, span_room(first, p_last));
  END IF;
  IF p_available_at IS NULL THEN
    UPDATE subnet_usage SET free_from = p_first WHERE subnet_id = p_subnet AND free_from > p_first;
  ELSE
    UPDATE subnet_usage SET next_due = p_available_at
      WHERE subnet_id = p_subnet AND (next_due > p_available_at OR next_due IS NULL);
  END IF;
END $$;

-- Merges the spans that have become due.
CREATE FUNCTION settle_spans(p_subnet bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  due free_span;
BEGIN
  FOR due IN
    DELETE FROM free_span WHERE subnet_id = p_subnet AND available_at <= now() RETURNING *
  LOOP
    PERFORM give_back(p_subnet, due.start_ip, due.end_ip);
  END LOOP;
  UPDATE subnet_usage
    SET next_due = (SELECT min(available_at) FROM free_span WHERE subnet_id = p_subnet)
    WHERE subnet_id = p_subnet;
END $$;

-- The range of a VRF that covers an address; its fields are NULL where none does. Ranges do not overlap, so it is the last
-- that starts at the address or before.
CREATE FUNCTION range_at(p_vrf bigint, ip inet) RETURNS ip_range LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  found ip_range;
BEGIN
  SELECT * INTO found FROM ip_range WHERE vrf_id = p_vrf AND start_ip <= ip ORDER BY start_ip DESC LIMIT 1;
  RETURN CASE WHEN found.end_ip >= ip THEN found END;
END $$;

-- Addresses that are held back from being handed out until a moment, whether they have a row or not: somebody answers there
-- whom nobody has registered. What has a holder is not free anyway; its hold counts again once it is.
CREATE TABLE space_hold (
  vrf_id     bigint NOT NULL CONSTRAINT space_hold_vrf_fkey REFERENCES vrf ON DELETE CASCADE,
  address    inet NOT NULL,
  held_until timestamptz NOT NULL,
  CONSTRAINT space_hold_pkey PRIMARY KEY (vrf_id, address)
);
CREATE INDEX space_hold_until_idx ON space_hold (held_until);

-- Until when an address is held back; NULL: it is not.
CREATE FUNCTION held_until(p_vrf bigint, ip inet) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT held_until FROM space_hold WHERE vrf_id = p_vrf AND address = ip AND held_until > now()
$$;

-- The ranges of a VRF that reach into a run of addresses.
CREATE FUNCTION ranges_in(p_vrf bigint, first inet, last inet) RETURNS SETOF ip_range LANGUAGE sql STABLE AS $$
  SELECT * FROM ip_range
    WHERE first <= last AND vrf_id = p_vrf
      AND inetrange(start_ip, end_ip, '[]') && CASE WHEN first <= last THEN inetrange(first, last, '[]') END
$$;

-- How many addresses of a run lie in ranges that count as used.
CREATE FUNCTION ranged_size(p_vrf bigint, first inet, last inet) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(span_size(greatest(start_ip, first), least(end_ip, last))), 0)
    FROM ranges_in(p_vrf, first, last) WHERE count_as_used
$$;

-- The addresses of a subnet's own space that are held back and free otherwise.
CREATE FUNCTION holds_in(home subnet) RETURNS TABLE (address inet, available_at timestamptz)
LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  SELECT h.address, greatest(h.held_until, a.available_at)
    FROM space_hold h
    LEFT JOIN address a ON a.vrf_id = h.vrf_id AND a.address = h.address
    WHERE h.vrf_id = home.vrf_id AND h.address BETWEEN first_ip(home.cidr) AND last_ip(home.cidr)
      AND h.held_until > now() AND coalesce(a.status, 'free') = 'free'
      AND coalesce((range_at(h.vrf_id, h.address)).allocatable, true)
      -- Children do not overlap, so that the last one before it holds it or none does.
      AND NOT coalesce((SELECT c.cidr >>= h.address FROM subnet c
                          WHERE c.parent_id = home.id AND c.cidr <= h.address ORDER BY c.cidr DESC LIMIT 1), false)
$$;

-- What is not free in some subnets, and until when. A range that hands nothing out is never free, whatever lies in it.
CREATE FUNCTION holes_of(ids bigint[])
RETURNS TABLE (subnet_id bigint, first inet, last inet, available_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT parent_id, first_ip(cidr), last_ip(cidr), 'infinity'::timestamptz FROM subnet WHERE parent_id = ANY (ids)
  UNION ALL
  SELECT s.id, greatest(r.start_ip, first_ip(s.cidr)), least(r.end_ip, last_ip(s.cidr)), 'infinity'
    FROM unnest(ids) id
    JOIN subnet_usage u ON u.subnet_id = id AND u.has_ranges
    CROSS JOIN LATERAL (SELECT * FROM subnet WHERE subnet.id = u.subnet_id OFFSET 0) s
    CROSS JOIN LATERAL (SELECT * FROM ranges_in(s.vrf_id, first_ip(s.cidr), last_ip(s.cidr)) WHERE NOT allocatable) r
  UNION ALL
  SELECT a.subnet_id, address, address, CASE a.status WHEN 'free' THEN a.available_at ELSE 'infinity' END
    FROM address a JOIN subnet_usage u USING (subnet_id)
    WHERE a.subnet_id = ANY (ids) AND (a.status <> 'free' OR (a.available_at > now()
      AND held_until(a.vrf_id, a.address) IS NULL
      AND NOT CASE WHEN u.has_ranges THEN NOT coalesce((range_at(a.vrf_id, address)).allocatable, true) ELSE false END))
  UNION ALL
  SELECT s.id, h.address, h.address, h.available_at
    FROM unnest(ids) id
    CROSS JOIN LATERAL (SELECT * FROM subnet WHERE subnet.id = id.id OFFSET 0) s
    CROSS JOIN LATERAL holds_in(s) h
$$;

-- Rebuilds the spans of some subnets from the truth: the gaps between their holes, and the cooling addresses.
-- Static SQL in a function would keep a plan made for one subnet, and go quadratic with many; and so that a plan made
-- with no or old statistics does not either, every join here is on an index, and no table is scanned.
CREATE FUNCTION rebuild_spans(ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  EXECUTE 'DELETE FROM free_span WHERE subnet_id = ANY ($1)' USING ids;
  EXECUTE $sql$
    WITH hole AS MATERIALIZED (
      SELECT * FROM holes_of($1)
    ), edge AS (
      -- One more edge behind each block, so that the gap after the last hole is found like the others.
      SELECT subnet_id, first, max(last) OVER below AS covered_to
        FROM (SELECT subnet_id, first, last FROM hole UNION ALL SELECT id, NULL, NULL FROM unnest($1) id) h
        WINDOW below AS (PARTITION BY subnet_id ORDER BY first NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), gap AS (
      SELECT s.id,
             CASE WHEN e.covered_to IS NULL THEN first_ip(s.cidr)
                  WHEN e.covered_to < last_ip(s.cidr) THEN e.covered_to + 1 END AS first,
             CASE WHEN e.first IS NULL THEN last_ip(s.cidr)
                  WHEN e.first > first_ip(s.cidr) THEN e.first - 1 END AS last
        FROM edge e CROSS JOIN LATERAL (SELECT id, cidr FROM subnet WHERE id = e.subnet_id OFFSET 0) s
    )
    INSERT INTO free_span (subnet_id, start_ip, end_ip, available_at, room)
      SELECT id, first, last, NULL, span_room(first, last) FROM gap WHERE first <= last
      UNION ALL
      SELECT subnet_id, first, last, available_at, address_bits(first) FROM hole WHERE available_at < 'infinity'
  $sql$ USING ids;
  EXECUTE $sql$
    UPDATE subnet_usage u SET free_from = NULL, next_due = due.at
      FROM unnest($1) id
      CROSS JOIN LATERAL (SELECT min(available_at) AS at FROM free_span WHERE subnet_id = id AND available_at IS NOT NULL) due
      WHERE subnet_id = id AND (free_from IS NOT NULL OR next_due IS DISTINCT FROM due.at)
  $sql$ USING ids;
END $$;

-- The addresses that count in a subnet: the usable ones, or the whole block of a container.
CREATE FUNCTION counted_first(block inet, status text, with_edges boolean) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN first_usable(block, with_edges OR status = 'container');
CREATE FUNCTION counted_last(block inet, status text, with_edges boolean) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN last_usable(block, with_edges OR status = 'container');

-- How many addresses of a run that lies in a subnet no child of it covers.
CREATE FUNCTION own_size(p_subnet bigint, first inet, last inet) RETURNS numeric LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $$
DECLARE
  nearest cidr;
BEGIN
  IF first > last THEN
    RETURN 0;
  END IF;
  -- In the order of the index a child that reaches into the run from below is the last one before it.
  SELECT cidr INTO nearest FROM subnet
    WHERE parent_id = p_subnet AND cidr <= first ORDER BY cidr DESC LIMIT 1;
  RETURN span_size(first, last) - coalesce((
    SELECT sum(span_size(greatest(first_ip(cidr), first), least(last_ip(cidr), last))) FROM subnet
      WHERE parent_id = p_subnet AND cidr >= coalesce(nearest, first) AND cidr <= last), 0);
END $$;

-- What the counters of some subnets must be, from the truth.
CREATE FUNCTION true_counters(ids bigint[])
RETURNS TABLE (subnet_id bigint, counted_first inet, counted_last inet, total numeric, children numeric, child_count int,
               taken numeric, reserved numeric, quarantined numeric, ranged numeric, has_ranges boolean)
LANGUAGE sql STABLE AS $$
  SELECT s.id, b.first, b.last, covered_size(s.cidr, b.first, b.last),
         below.size, below.n::int, held.taken, held.reserved, held.quarantined, ranges.size, ranges.found
    FROM unnest(ids) id
    CROSS JOIN LATERAL (SELECT * FROM subnet WHERE subnet.id = id.id OFFSET 0) s
    CROSS JOIN LATERAL (SELECT counted_first(s.cidr, s.status, s.allow_network_and_broadcast) AS first,
                               counted_last(s.cidr, s.status, s.allow_network_and_broadcast) AS last) b
    CROSS JOIN LATERAL (
      SELECT count(*) AS n, coalesce(sum(covered_size(c.cidr, b.first, b.last)), 0) AS size
        FROM subnet c WHERE c.parent_id = s.id) below
    CROSS JOIN LATERAL (
      SELECT count(*) > 0 AS found, coalesce(sum(own.size) FILTER (WHERE r.count_as_used), 0) AS size
        FROM ranges_in(s.vrf_id, first_ip(s.cidr), last_ip(s.cidr)) r
        CROSS JOIN LATERAL (SELECT own_size(s.id, greatest(r.start_ip, b.first), least(r.end_ip, b.last)) AS size) own
      ) ranges
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE a.status <> 'free' AND a.address BETWEEN b.first AND b.last
               AND NOT CASE WHEN ranges.found THEN coalesce((range_at(s.vrf_id, a.address)).count_as_used, false)
                       ELSE false END) AS taken,
             count(*) FILTER (WHERE a.status = 'reserved' AND a.address BETWEEN b.first AND b.last) AS reserved,
             count(*) FILTER (WHERE a.status = 'quarantined' AND a.address BETWEEN b.first AND b.last) AS quarantined
        FROM address a WHERE a.subnet_id = s.id) held
$$;

-- Counts some subnets anew from the truth, and makes the rows that are missing.
CREATE FUNCTION recount(ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  EXECUTE $sql$
    INSERT INTO subnet_usage AS u (subnet_id, counted_first, counted_last, total,
        children, child_count, taken, reserved, quarantined, ranged, has_ranges)
      SELECT * FROM true_counters($1)
    ON CONFLICT (subnet_id) DO UPDATE SET
      counted_first = EXCLUDED.counted_first, counted_last = EXCLUDED.counted_last, total = EXCLUDED.total,
      children = EXCLUDED.children, child_count = EXCLUDED.child_count,
      ranged = EXCLUDED.ranged, has_ranges = EXCLUDED.has_ranges,
      taken = EXCLUDED.taken, reserved = EXCLUDED.reserved, quarantined = EXCLUDED.quarantined
  $sql$ USING ids;
END $$;

-- Locks the usage rows of some subnets, in id order.
CREATE FUNCTION lock_usage(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM subnet_usage WHERE subnet_id = ANY (ids) ORDER BY subnet_id FOR UPDATE;
END $$;
