-- Why a subnet cannot hand out one address that was asked for by name; NULL where it can. Needs the usage row's lock.
CREATE FUNCTION why_not_allocatable(home subnet, ip inet, OUT problem text, OUT detail jsonb) LANGUAGE plpgsql AS $$
DECLARE
  span free_span;
  holder address;
  owner subnet;
  closed ip_range;
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
      detail := jsonb_build_object('availableAt', span.available_at, 'held', held_until(home.vrf_id, ip) IS NOT NULL);
    ELSIF ip < first_usable(home.cidr, home.allow_network_and_broadcast)
       OR ip > last_usable(home.cidr, home.allow_network_and_broadcast) THEN
      problem := 'address-not-usable';
      detail := jsonb_build_object('cidr', home.cidr);
    END IF;
    RETURN;
  END IF;
  SELECT * INTO owner FROM subnet WHERE id = longest_match(home.vrf_id, ip);
  SELECT * INTO holder FROM address WHERE vrf_id = home.vrf_id AND address = ip AND status <> 'free';
  closed := range_at(home.vrf_id, ip);
  IF NOT closed.allocatable AND holder.id IS NULL AND owner.id = home.id THEN
    problem := 'address-in-range';
    detail := jsonb_build_object('id', closed.id, 'start', closed.start_ip, 'end', closed.end_ip, 'purpose', closed.purpose);
    RETURN;
  END IF;
  problem := 'address-taken';
  detail := CASE
    WHEN owner.id <> home.id THEN jsonb_build_object('subnet', owner.cidr)
    -- An earlier member of the same batch has it, and its row is not written yet.
    WHEN holder.id IS NULL THEN jsonb_build_object('justNow', true)
    ELSE jsonb_build_object('id', holder.id, 'status', holder.status, 'hostname', holder.hostname, 'mac', holder.mac,
      'deviceId', holder.device_id, 'description', holder.description) END;
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
BEGIN
  RETURN ARRAY(
    SELECT s.first + i
      FROM (SELECT greatest(start_ip, lowest) AS first, least(end_ip, highest) AS last FROM free_span
              WHERE subnet_id = p_subnet AND end_ip >= greatest(free_from, lowest) AND available_at IS NULL AND start_ip <= highest
              ORDER BY end_ip LIMIT most) s
     CROSS JOIN LATERAL generate_series(0, span_count(s.first, s.last, most) - 1) AS i
     LIMIT most);
END $$;

-- Takes the lowest free addresses, as lowest_free found them, out of their spans. The first span may begin before the first of them:
-- the network address stays behind.
CREATE FUNCTION take_lowest(p_subnet bigint, ips inet[], begins_before boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  first inet := ips[1];
  last inet := ips[cardinality(ips)];
  is_whole boolean;
BEGIN
  IF begins_before THEN
    PERFORM carve(p_subnet, first, least(s.end_ip, last))
      FROM (SELECT end_ip FROM free_span WHERE subnet_id = p_subnet AND end_ip >= first ORDER BY end_ip LIMIT 1) s;
  END IF;
  WITH gone AS (
    DELETE FROM free_span WHERE subnet_id = p_subnet AND end_ip BETWEEN first AND last AND available_at IS NULL RETURNING end_ip)
  SELECT coalesce(bool_or(end_ip = last), false) INTO is_whole FROM gone;
  IF NOT is_whole THEN
    UPDATE free_span SET start_ip = last + 1, room = span_room(last + 1, end_ip)
      WHERE subnet_id = p_subnet AND start_ip <= last AND end_ip = (
        SELECT end_ip FROM free_span WHERE subnet_id = p_subnet AND end_ip > last AND available_at IS NULL ORDER BY end_ip LIMIT 1);
  END IF;
END $$;

CREATE FUNCTION texts_of(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT jsonb_array_elements_text(list));

-- Hands out addresses of one subnet to the members of a batch. Each member is one request with its own attributes and
-- actor, and succeeds or fails alone; a broken constraint fails the whole batch, which the caller runs again member by
-- member. Of each member come how many addresses it wants (p_counts; NULL: one each), the one that it names or NULL
-- (p_named; NULL: none names one), its actor, and {status, hostname, mac, deviceId, interfaceId, description, expiresAt,
-- tags, metadata, customFields, strategy} (p_members; NULL: none says anything of the kind). What is not named is the lowest that is free; where the subnet has
-- another strategy, a member has to name `first` to get that, or is answered `other-strategy`.
-- p_keys (NULL: none has one) are the Idempotency-Keys, {principal, route, key, hash, changeId} or null: whose key was answered
-- before takes nothing, and gets that answer (`answered-before`; `key-reused` where it was another request's); what is handed
-- out under the others is kept with them, here, in the same transaction.
-- p_callers is what a transaction of each member would carry, [[actor, change id, request id, source, source address], …] as JSON,
-- or one for all of them: the audit log has each row in the name of whoever asked for it, and alone reads what it says.
-- With p_flush false the commit does not wait until it is on disk: the next batch gets the subnet's lock all the sooner, and the
-- caller answers nobody before a later commit, which does wait, has brought this one to disk too.
-- Answers a row per address handed out, a row with the problem for each member that got none, and a last one (member NULL).
-- Of an address that was there before, or that a rule of the table has given more than was asked for, the detail is all that
-- the request does not tell. The last row's detail tells what all have in common, and the place: what is known of the subnet, and
-- where its usage row and the lowest span now are. Handed in again as p_place, that need not be read again, and is found at once.
-- While somebody keeps an old snapshot, an index leads through every version of a hot row since then, and there are hundreds a
-- second. The place is a hint: `seen`, the transaction that wrote the usage row last, tells whether anybody has changed the
-- subnet's space since, for whoever does writes that row, as does who changes its bounds or its strategy; then all is searched for.
-- Of a subnet with another strategy the place says no `lowest`; beyond `quickUpto` there may not be room for a batch.
--
-- VOLATILE, and the search in a new statement after the lock: within one statement it would still see what was free before
-- it waited. `held`: the space is kept here. `each-row`: the rows bring their own actors. Most of what a small batch costs
-- is the starting and planning of statements, so there are few, and no plan is made twice; nor is one made for a table that
-- was small at the time. An assignment without a query in it is no statement, nor is RETURN NEXT.
CREATE FUNCTION allocate_addresses(p_subnet bigint, p_counts int[], p_named inet[], p_actors text[], p_members jsonb,
                                   p_place jsonb, p_keys jsonb, p_callers text, p_flush boolean)
RETURNS TABLE (member int, problem text, detail jsonb, id bigint, address inet)
LANGUAGE plpgsql VOLATILE SET cadastre.space = 'held' SET cadastre.actor = 'each-row' SET cadastre.callers = ''
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  home record;
  usage_at tid := p_place->>'usage';
  span_at tid := p_place->>'span';
  vrf bigint := p_place->>'vrf';
  lowest inet := p_place->>'lowest';
  highest inet := p_place->>'highest';
  quick_upto inet := p_place->>'quickUpto';
  -- No address below this is free.
  none_below inet;
  last inet;
  setting text;
  kept record;
  span record;
  is_quick boolean := false;
  is_known boolean := false;
  is_first boolean := true;
  is_ranged boolean := false;
  roomy boolean;
  free inet[];
  ips inet[] := '{}';
  -- NULL: each member has one address, in their order.
  owners int[];
  wanted int := cardinality(p_actors);
  upto int := 0;
  written int;
BEGIN
  IF NOT p_flush THEN
    setting := set_config('synchronous_commit', 'off', true);
  END IF;
  IF quick_upto IS NOT NULL AND wanted < 100 AND p_counts IS NULL AND p_named IS NULL AND p_keys IS NULL THEN
    -- As nearly always, nobody else has written the space since, and its lowest span has room for everybody and is not used up.
    UPDATE subnet_usage u SET taken = u.taken + wanted, free_from = u.free_from + wanted
      WHERE u.ctid = usage_at AND u.xmin = (p_place->>'seen')::xid AND u.subnet_id = p_subnet AND NOT u.has_ranges
        AND coalesce(u.next_due > now(), true) AND u.free_from < quick_upto
      RETURNING u.ctid, u.free_from INTO usage_at, last;
    IF FOUND THEN
      -- Another row may be at the place of the span by now all the same: after VACUUM FULL, or on a replica that took over and has
      -- used that transaction's number again.
      UPDATE free_span SET start_ip = last + 1, room = span_room(last + 1, end_ip)
        WHERE ctid = span_at AND subnet_id = p_subnet AND start_ip = last + 1 - wanted AND end_ip > last AND available_at IS NULL
        RETURNING ctid INTO span_at;
      is_quick := FOUND;
      IF is_quick THEN
        FOR nth IN 1 .. wanted LOOP
          ips := ips || (last - wanted + nth);
        END LOOP;
      ELSE
        UPDATE subnet_usage SET taken = taken - wanted, free_from = last - wanted WHERE ctid = usage_at;
      END IF;
    END IF;
  END IF;

  IF lowest IS NOT NULL AND NOT is_quick THEN
    SELECT u.free_from, u.has_ranges INTO none_below, is_ranged FROM subnet_usage u
      WHERE u.ctid = usage_at AND u.xmin = (p_place->>'seen')::xid AND u.subnet_id = p_subnet
        AND coalesce(u.next_due > now(), true) FOR UPDATE;
    is_known := FOUND;
  END IF;
  IF NOT is_quick AND NOT is_known THEN
    PERFORM FROM subnet_usage WHERE subnet_id = p_subnet FOR UPDATE;
    IF NOT FOUND THEN
      -- Whoever was answered while the subnet was there is answered so still.
      IF (SELECT count(*) FROM kept_answers(p_keys)) = cardinality(p_actors) THEN
        RETURN QUERY SELECT k.nth - 1, CASE WHEN k.is_same THEN 'answered-before' ELSE 'key-reused' END, k.answer,
            NULL::bigint, NULL::inet FROM kept_answers(p_keys) k;
        RETURN;
      END IF;
      RAISE EXCEPTION 'There is no subnet %.', p_subnet USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM settle_spans(p_subnet) FROM subnet_usage WHERE subnet_id = p_subnet AND next_due <= now();
    SELECT u.ctid AS usage_at, u.free_from, u.has_ranges, s.vrf_id, s.strategy,
           first_usable(s.cidr, s.allow_network_and_broadcast) AS lowest, last_usable(s.cidr, s.allow_network_and_broadcast) AS highest
      INTO home FROM subnet_usage u JOIN subnet s ON s.id = u.subnet_id WHERE u.subnet_id = p_subnet;
    usage_at := home.usage_at;
    span_at := NULL;
    none_below := home.free_from;
    is_ranged := home.has_ranges;
    vrf := home.vrf_id;
    lowest := home.lowest;
    highest := home.highest;
    is_first := coalesce(home.strategy, 'first') = 'first';
    -- With some room for a batch more.
    quick_upto := CASE WHEN is_first AND span_holds(lowest, highest, 101) THEN highest - 100 END;
  END IF;
  IF NOT is_quick THEN
    owners := '{}';
  END IF;

  -- With a count of 0 a member takes nothing below.
  IF p_keys IS NOT NULL THEN
    FOR kept IN SELECT * FROM kept_answers(p_keys) LOOP
      p_counts := coalesce(p_counts, array_fill(1, ARRAY[cardinality(p_actors)]));
      p_counts[kept.nth] := 0;
      IF p_named IS NOT NULL THEN
        p_named[kept.nth] := NULL;
      END IF;
      member := kept.nth - 1;
      problem := CASE WHEN kept.is_same THEN 'answered-before' ELSE 'key-reused' END;
      detail := kept.answer;
      RETURN NEXT;
    END LOOP;
    problem := NULL;
    detail := NULL;
  END IF;

  IF NOT is_first THEN
    -- Who names neither an address nor a strategy means the subnet's own, which picks elsewhere.
    FOR nth IN 1 .. cardinality(p_actors) LOOP
      CONTINUE WHEN p_counts[nth] = 0 OR p_named[nth] IS NOT NULL OR p_members->(nth - 1) ? 'strategy';
      p_counts := coalesce(p_counts, array_fill(1, ARRAY[cardinality(p_actors)]));
      p_counts[nth] := 0;
      member := nth - 1;
      problem := 'other-strategy';
      detail := jsonb_build_object('strategy', home.strategy);
      RETURN NEXT;
    END LOOP;
    problem := NULL;
    detail := NULL;
  END IF;

  IF p_named IS NOT NULL OR p_counts IS NOT NULL THEN
    wanted := 0;
    FOR nth IN 1 .. cardinality(p_actors) LOOP
      IF p_named[nth] IS NULL THEN
        wanted := wanted + coalesce(p_counts[nth], 1);
        CONTINUE;
      END IF;
      SELECT w.problem, w.detail INTO problem, detail 
        FROM why_not_allocatable((SELECT s FROM subnet s WHERE s.id = p_subnet), p_named[nth]) w;
      IF problem IS NULL THEN
        PERFORM carve(p_subnet, p_named[nth], p_named[nth]);
        span_at := NULL;
        ips := ips || p_named[nth];
        owners := owners || nth;
      ELSE
        member := nth - 1;
        RETURN NEXT;
      END IF;
    END LOOP;
    problem := NULL;
    detail := NULL;
  END IF;

  IF wanted > 0 AND NOT is_quick THEN
    IF span_at IS NOT NULL THEN
      -- Who wrote the usage row last left the lowest span beginning behind free_from.
      SELECT ctid AS at, start_ip, end_ip INTO span FROM free_span
        WHERE ctid = span_at AND subnet_id = p_subnet AND start_ip = none_below + 1 AND available_at IS NULL;
    END IF;
    IF span IS NULL THEN
      SELECT ctid AS at, start_ip, end_ip INTO span FROM free_span
        WHERE subnet_id = p_subnet AND end_ip >= greatest(none_below, lowest) AND available_at IS NULL
        ORDER BY end_ip LIMIT 1;
    END IF;
    -- Room for one more: the span is not to be used up.
    roomy := span.start_ip >= lowest AND span_holds(span.start_ip, least(span.end_ip, highest), wanted + 1);
    IF roomy THEN
      -- As nearly always, the lowest span has room for everybody, and is not used up.
      free := ARRAY(SELECT span.start_ip + i FROM generate_series(0, wanted - 1) AS i);
      UPDATE free_span SET start_ip = span.start_ip + wanted, room = span_room(span.start_ip + wanted, span.end_ip)
        WHERE ctid = span.at RETURNING ctid INTO span_at;
    ELSE
      span_at := NULL;
      free := lowest_free(p_subnet, none_below, lowest, highest, wanted);
    END IF;
    IF roomy AND p_counts IS NULL AND p_named IS NULL THEN
      upto := wanted;
      owners := ARRAY(SELECT generate_series(1, wanted));
    ELSE
      FOR nth IN 1 .. cardinality(p_actors) LOOP
        CONTINUE WHEN p_named[nth] IS NOT NULL;
        IF upto + coalesce(p_counts[nth], 1) <= cardinality(free) THEN
          upto := upto + coalesce(p_counts[nth], 1);
          owners := owners || array_fill(nth, ARRAY[coalesce(p_counts[nth], 1)]);
        ELSE
          member := nth - 1;
          problem := 'insufficient-space';
          -- What members before this one are about to take is not free any more.
          detail := jsonb_build_object('cidr', (SELECT cidr FROM subnet s WHERE s.id = p_subnet), 'free',
            allocatable((SELECT s FROM subnet s WHERE s.id = p_subnet)) - upto);
          RETURN NEXT;
        END IF;
      END LOOP;
    END IF;
    ips := ips || free[1:upto];
    IF upto > 0 AND NOT roomy THEN
      PERFORM take_lowest(p_subnet, free[1:upto], span.start_ip < free[1]);
    END IF;
  END IF;
  IF cardinality(ips) = 0 THEN
    RETURN;
  END IF;

  setting := set_config('cadastre.callers',
    '{"callers":' || p_callers || ',"subjects":' || to_json(ips) || ',"owners":' || coalesce(to_json(owners)::text, 'null') || '}', true);
  RETURN QUERY
  INSERT INTO address AS a (vrf_id, subnet_id, address, status, hostname, mac, device_id, interface_id, description,
                            expires_at, tags, metadata, custom_fields, created_by, updated_by)
    SELECT vrf, p_subnet, t.ip, coalesce(t.wish->>'status', 'assigned'), t.wish->>'hostname',
           (t.wish->>'mac')::macaddr, (t.wish->>'deviceId')::bigint, (t.wish->>'interfaceId')::bigint, t.wish->>'description',
           (t.wish->>'expiresAt')::timestamptz, coalesce(texts_of(t.wish->'tags'), '{}'), coalesce(t.wish->'metadata', '{}'),
           coalesce(t.wish->'customFields', '{}'), p_actors[t.who], p_actors[t.who]
      FROM (SELECT who, ip, p_members->(who - 1) AS wish
              FROM (SELECT coalesce(owners[nth], nth::int) AS who, ip FROM unnest(ips) WITH ORDINALITY AS o (ip, nth)) o) t
  ON CONFLICT ON CONSTRAINT address_key DO UPDATE SET
      status = EXCLUDED.status, hostname = EXCLUDED.hostname, mac = EXCLUDED.mac, device_id = EXCLUDED.device_id,
      interface_id = EXCLUDED.interface_id, description = EXCLUDED.description, expires_at = EXCLUDED.expires_at,
      tags = EXCLUDED.tags, metadata = EXCLUDED.metadata, custom_fields = EXCLUDED.custom_fields, role = NULL,
      available_at = NULL, updated_by = EXCLUDED.updated_by
    WHERE a.status = 'free'
  -- Of a new row the version is 1, and what is said of its change is what is said of its making.
  -- Those that the lowest span gave are counted from its start: to look each up in the list of all would take quadratic time.
  RETURNING CASE WHEN owners IS NULL THEN (a.address - ips[1])::int
                 ELSE owners[CASE WHEN roomy AND a.address BETWEEN free[1] AND free[upto]
                               THEN cardinality(ips) - upto + 1 + (a.address - free[1])::int
                               ELSE array_position(ips, a.address) END] - 1 END, NULL::text,
            CASE WHEN a.version > 1 OR a.custom_fields <> '{}' THEN jsonb_build_object('version', a.version, 'createdAt', a.created_at,
              'updatedAt', a.updated_at, 'createdBy', a.created_by, 'customFields', a.custom_fields) END, a.id, a.address;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> cardinality(ips) THEN
    RAISE EXCEPTION 'The free space of subnet % disagrees with its addresses.', p_subnet USING ERRCODE = 'data_corrupted';
  END IF;
  IF is_ranged THEN
    -- Those in a range that counts as a whole are counted already.
    written := written - (SELECT count(*) FROM unnest(ips) ip WHERE (range_at(vrf, ip)).count_as_used);
  END IF;
  IF NOT is_quick THEN
    UPDATE subnet_usage SET taken = taken + written, free_from = CASE WHEN upto > 0 THEN free[upto] ELSE free_from END
      WHERE ctid = usage_at RETURNING ctid INTO usage_at;
  END IF;
  IF p_members @> '[{"status": "reserved"}]' OR p_members @> '[{"status": "quarantined"}]' THEN
    UPDATE subnet_usage u SET reserved = u.reserved + n.reserved, quarantined = u.quarantined + n.quarantined
      FROM (SELECT count(*) FILTER (WHERE m.status = 'reserved') AS reserved, count(*) FILTER (WHERE m.status = 'quarantined') AS quarantined
              FROM (SELECT p_members->(coalesce(owners[nth], nth) - 1)->>'status' AS status FROM generate_series(1, cardinality(ips)) nth) m) n
      WHERE u.ctid = usage_at RETURNING u.ctid INTO usage_at;
  END IF;
  IF p_keys IS NOT NULL THEN
    PERFORM keep_answers(p_keys, p_members, owners, ips, vrf);
  END IF;
  member := NULL;
  problem := NULL;
  detail := jsonb_build_object('vrfId', vrf, 'createdAt', now(), 'place', jsonb_build_object('usage', usage_at, 'span', span_at,
    'seen', pg_current_xact_id()::xid, 'vrf', vrf, 'lowest', CASE WHEN is_first THEN lowest END, 'highest', highest,
    'quickUpto', quick_upto));
  RETURN NEXT;
END $$;
