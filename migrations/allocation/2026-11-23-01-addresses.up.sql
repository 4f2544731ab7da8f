-- Why a subnet cannot hand out one address that was asked for by name; NULL where it can. Needs the usage row's lock.
CREATE FUNCTION why_not_allocatable(home subnet, ip inet, OUT problem text, OUT detail jsonb) LANGUAGE plpgsql AS $$
DECLARE
  span free_span;
  holder address;
  owner subnet;
BEGIN
  IF NOT home.cidr >>= ip THEN
    problem := 'address-outside';
    detail := jsonb_build_object('cidr', home.cidr);
    RETURN;
  END IF;
  SELECT * INTO span FROM free_span WHERE subnet_id = home.id AND end_ip >= ip ORDER BY end_ip LIMIT 1;
  IF span.start_ip <= ip THEN
    IF span.available_at IS NOT NULL THEN
      problem := 'address-cooling-down';
      detail := jsonb_build_object('availableAt', span.available_at);
    ELSIF ip < first_usable(home.cidr, home.allow_network_and_broadcast)
       OR ip > last_usable(home.cidr, home.allow_network_and_broadcast) THEN
      problem := 'address-not-usable';
      detail := jsonb_build_object('cidr', home.cidr);
    END IF;
    RETURN;
  END IF;
  problem := 'address-taken';
  SELECT * INTO owner FROM subnet WHERE id = longest_match(home.vrf_id, ip);
  SELECT * INTO holder FROM address WHERE vrf_id = home.vrf_id AND address = ip AND status <> 'free';
  detail := CASE
    WHEN owner.id <> home.id THEN jsonb_build_object('subnet', owner.cidr)
    -- An earlier member of the same batch has it, and its row is not written yet.
    WHEN holder.id IS NULL THEN jsonb_build_object('justNow', true)
    ELSE jsonb_build_object('id', holder.id, 'status', holder.status, 'hostname', holder.hostname, 'mac', holder.mac,
      'description', holder.description) END;
END $$;

-- How many addresses a subnet could hand out now.
CREATE FUNCTION allocatable(home subnet) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(span_size(
      greatest(start_ip, first_usable(home.cidr, home.allow_network_and_broadcast)),
      least(end_ip, last_usable(home.cidr, home.allow_network_and_broadcast)))), 0)
    FROM free_span WHERE subnet_id = home.id AND (available_at IS NULL OR available_at <= now())
$$;

-- The lowest free addresses of a subnet, at most `most`, from `lowest` to `highest`. Needs the lock; takes nothing.
CREATE FUNCTION lowest_free(p_subnet bigint, free_from inet, lowest inet, highest inet, most int) RETURNS inet[]
LANGUAGE plpgsql AS $$
DECLARE
  span record;
  ips inet[] := '{}';
  n int;
BEGIN
  FOR span IN
    SELECT greatest(start_ip, lowest) AS first, least(end_ip, highest) AS last FROM free_span
      WHERE subnet_id = p_subnet AND end_ip >= greatest(free_from, lowest) AND available_at IS NULL AND start_ip <= highest
      ORDER BY end_ip LIMIT most
  LOOP
    n := span_count(span.first, span.last, most - cardinality(ips));
    ips := ips || ARRAY(SELECT span.first + i FROM generate_series(0, n - 1) AS i);
    EXIT WHEN cardinality(ips) = most;
  END LOOP;
  RETURN ips;
END $$;

-- Takes the lowest free addresses, as lowest_free found them, out of their spans.
CREATE FUNCTION take_lowest(p_subnet bigint, ips inet[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first inet := ips[1];
  last inet := ips[cardinality(ips)];
  span free_span;
BEGIN
  SELECT * INTO span FROM free_span WHERE subnet_id = p_subnet AND end_ip >= first ORDER BY end_ip LIMIT 1;
  IF span.start_ip < first THEN
    -- The network address stays behind.
    PERFORM carve(p_subnet, first, least(span.end_ip, last));
  END IF;
  IF span.end_ip <= last THEN
    DELETE FROM free_span
      WHERE subnet_id = p_subnet AND end_ip BETWEEN first AND last AND available_at IS NULL;
    SELECT * INTO span FROM free_span
      WHERE subnet_id = p_subnet AND end_ip > last AND available_at IS NULL ORDER BY end_ip LIMIT 1;
  END IF;
  IF span.start_ip BETWEEN first AND last THEN
    UPDATE free_span SET start_ip = last + 1, room = span_room(last + 1, end_ip)
      WHERE subnet_id = p_subnet AND end_ip = span.end_ip;
  END IF;
END $$;

-- Hands out addresses of one subnet to the members of a batch. Each member is one request with its own attributes and
-- actor, and succeeds or fails alone; a broken constraint fails the whole batch, which the caller runs again member by
-- member. Members: [{count, address, status, hostname, mac, description, expiresAt, tags, metadata, actor}].
-- Answers a row per address handed out, and a row with the problem for each member that got none.
--
-- VOLATILE, and the search in a new statement after the lock: within one statement it would still see what was free before
-- it waited. `held`: the space is kept here. `each-row`: the rows bring their own actors.
CREATE FUNCTION allocate_addresses(p_subnet bigint, p_members jsonb)
RETURNS TABLE (member int, problem text, detail jsonb, vrf_id bigint, id bigint, address inet, version int,
               created_at timestamptz, updated_at timestamptz, created_by text)
LANGUAGE plpgsql VOLATILE SET cadastre.space = 'held' SET cadastre.actor = 'each-row' AS $$
#variable_conflict use_column
DECLARE
  usage subnet_usage;
  home subnet;
  m record;
  free inet[];
  ips inet[] := '{}';
  owners int[] := '{}';
  wanted int := 0;
  upto int := 0;
  written int;
BEGIN
  SELECT * INTO usage FROM subnet_usage WHERE subnet_id = p_subnet FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no subnet %.', p_subnet USING ERRCODE = 'no_data_found';
  END IF;
  IF usage.next_due <= now() THEN
    PERFORM settle_spans(p_subnet);
    SELECT * INTO usage FROM subnet_usage WHERE subnet_id = p_subnet;
  END IF;
  SELECT * INTO home FROM subnet WHERE id = p_subnet;

  FOR m IN
    SELECT (n - 1)::int AS no, coalesce((v->>'count')::int, 1) AS count, (v->>'address')::inet AS address
      FROM jsonb_array_elements(p_members) WITH ORDINALITY AS e (v, n)
  LOOP
    IF m.address IS NULL THEN
      wanted := wanted + m.count;
    ELSE
      SELECT w.problem, w.detail INTO problem, detail FROM why_not_allocatable(home, m.address) w;
      IF problem IS NULL THEN
        PERFORM carve(p_subnet, m.address, m.address);
        ips := ips || m.address;
        owners := owners || m.no;
      ELSE
        member := m.no;
        RETURN NEXT;
      END IF;
    END IF;
  END LOOP;
  problem := NULL;
  detail := NULL;

  IF wanted > 0 THEN
    free := lowest_free(p_subnet, usage.free_from, first_usable(home.cidr, home.allow_network_and_broadcast),
                        last_usable(home.cidr, home.allow_network_and_broadcast), wanted);
    FOR m IN
      SELECT (n - 1)::int AS no, coalesce((v->>'count')::int, 1) AS count
        FROM jsonb_array_elements(p_members) WITH ORDINALITY AS e (v, n) WHERE v->>'address' IS NULL
    LOOP
      IF upto + m.count <= cardinality(free) THEN
        ips := ips || free[upto + 1 : upto + m.count];
        owners := owners || array_fill(m.no, ARRAY[m.count]);
        upto := upto + m.count;
      ELSE
        member := m.no;
        problem := 'insufficient-space';
        -- What members before this one are about to take is not free any more.
        detail := jsonb_build_object('cidr', home.cidr, 'free', allocatable(home) - upto);
        RETURN NEXT;
      END IF;
    END LOOP;
    IF upto > 0 THEN
      PERFORM take_lowest(p_subnet, free[1:upto]);
    END IF;
  END IF;
  IF cardinality(ips) = 0 THEN
    RETURN;
  END IF;

  RETURN QUERY
  WITH asked AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset(p_members) AS (status text, hostname text, mac macaddr, description text,
        "expiresAt" timestamptz, tags text[], metadata jsonb, actor text)) WITH ORDINALITY
  ), written AS (
    INSERT INTO address AS a (vrf_id, subnet_id, address, status, hostname, mac, description, expires_at, tags, metadata,
                              created_by, updated_by)
      SELECT home.vrf_id, p_subnet, t.ip, q.status, q.hostname, q.mac, q.description, q."expiresAt",
             coalesce(q.tags, '{}'), coalesce(q.metadata, '{}'), q.actor, q.actor
        FROM unnest(owners, ips) WITH ORDINALITY AS t (no, ip, nth) JOIN asked q ON q.ordinality = t.no + 1 ORDER BY t.nth
    ON CONFLICT ON CONSTRAINT address_key DO UPDATE SET
        status = EXCLUDED.status, hostname = EXCLUDED.hostname, mac = EXCLUDED.mac, description = EXCLUDED.description,
        expires_at = EXCLUDED.expires_at, tags = EXCLUDED.tags, metadata = EXCLUDED.metadata, role = NULL,
        device_id = NULL, interface_id = NULL, available_at = NULL, updated_by = EXCLUDED.updated_by
      WHERE a.status = 'free'
    RETURNING a.id, a.address, a.status, a.version, a.created_at, a.updated_at, a.created_by
  ), counted AS (
    UPDATE subnet_usage u SET
        taken = u.taken + w.taken, reserved = u.reserved + w.reserved, quarantined = u.quarantined + w.quarantined,
        address_count = u.address_count + w.fresh,
        free_from = CASE WHEN upto > 0 THEN free[upto] ELSE u.free_from END
      FROM (SELECT count(*) AS taken, count(*) FILTER (WHERE status = 'reserved') AS reserved,
                   count(*) FILTER (WHERE status = 'quarantined') AS quarantined,
                   count(*) FILTER (WHERE version = 1) AS fresh FROM written) w
      WHERE u.subnet_id = p_subnet
  )
  SELECT t.no, NULL::text, NULL::jsonb, home.vrf_id, w.id, w.address, w.version, w.created_at, w.updated_at, w.created_by
    FROM unnest(owners, ips) AS t (no, ip) JOIN written w ON w.address = t.ip ORDER BY t.no, t.ip;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> cardinality(ips) THEN
    RAISE EXCEPTION 'The free space of subnet % disagrees with its addresses.', p_subnet USING ERRCODE = 'data_corrupted';
  END IF;
END $$;
