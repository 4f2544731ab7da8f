-- The tree: each subnet's parent is the longest subnet of its VRF that contains it, whoever writes.
-- A statement that writes one row is kept up by small steps, in time that does not depend on the size of the tree.
-- A statement that writes many recomputes what it touched, in sets.

-- Changes of a VRF's tree wait for each other here. The row is updated, not only locked, so that the next one, in a new
-- statement, sees what this one did; once per transaction is enough. A savepoint that is rolled back takes lock and setting
-- with it; xmin would not do, for behind a savepoint it is another number than the transaction's.
CREATE FUNCTION lock_tree(p_vrf bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  held text := pg_current_xact_id() || ' ' || p_vrf;
BEGIN
  IF current_setting('cadastre.tree', true) IS DISTINCT FROM held THEN
    UPDATE vrf SET tree_version = tree_version + 1 WHERE id = p_vrf;
    PERFORM set_config('cadastre.tree', held, true);
  END IF;
END $$;

-- The longest subnet that contains a block or address, or NULL. Not by GiST: the predecessor in the btree's order is the
-- match or lies below it, so a few steps up the tree find it (six times faster).
-- Rows are compared and settings made so that no other index or scan will do, even while the table has hardly any rows:
-- a plan made then is kept for the bulk that follows.
CREATE FUNCTION longest_match(p_vrf bigint, p_block inet) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  at record;
BEGIN
  SELECT id, cidr, parent_id, vrf_id INTO at FROM subnet
    WHERE (vrf_id, cidr) <= (p_vrf, p_block) ORDER BY vrf_id DESC, cidr DESC LIMIT 1;
  IF at.vrf_id <> p_vrf THEN
    RETURN NULL;
  END IF;
  WHILE at.id IS NOT NULL AND NOT at.cidr >>= p_block LOOP
    SELECT id, cidr, parent_id, vrf_id INTO at FROM subnet WHERE id = at.parent_id;
  END LOOP;
  RETURN at.id;
END $$;

-- The same with everything above it, the top first; empty where there is no match. Every look-up asks, so it climbs once
-- instead of calling the function above.
CREATE FUNCTION longest_path(p_vrf bigint, p_block inet) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  at record;
  path bigint[] := '{}';
BEGIN
  SELECT id, cidr, parent_id, vrf_id INTO at FROM subnet
    WHERE (vrf_id, cidr) <= (p_vrf, p_block) ORDER BY vrf_id DESC, cidr DESC LIMIT 1;
  WHILE at.vrf_id = p_vrf LOOP
    IF at.cidr >>= p_block THEN
      path := at.id || path;
    END IF;
    EXIT WHEN at.parent_id IS NULL;
    SELECT id, cidr, parent_id, vrf_id INTO at FROM subnet WHERE id = at.parent_id;
  END LOOP;
  RETURN path;
END $$;

CREATE FUNCTION place_subnet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_tree(NEW.vrf_id);
  NEW.parent_id := longest_match(NEW.vrf_id, NEW.cidr);
  RETURN NEW;
END $$;
CREATE TRIGGER subnet_place BEFORE INSERT ON subnet
  FOR EACH ROW EXECUTE FUNCTION place_subnet();

-- What a parent's counters change by when subnet n takes children and addresses over from it (sign 1), or gives them
-- back (-1); the addresses are those that n holds.
CREATE FUNCTION shift_counts(p bigint, n subnet, moved bigint[], sign int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first inet;
  last inet;
  ranges boolean := EXISTS (SELECT FROM ranges_in(n.vrf_id, first_ip(n.cidr), last_ip(n.cidr)));
  of_ranges numeric := 0;
BEGIN
  SELECT counted_first, counted_last INTO first, last FROM subnet_usage WHERE subnet_id = p;
  IF ranges THEN
    of_ranges := ranged_size(n.vrf_id, greatest(first_ip(n.cidr), first), least(last_ip(n.cidr), last))
      - coalesce((SELECT sum(ranged_size(vrf_id, greatest(first_ip(cidr), first), least(last_ip(cidr), last)))
                    FROM subnet WHERE id = ANY (moved)), 0);
  END IF;
  UPDATE subnet_usage u SET
    ranged = u.ranged - sign * of_ranges,
    has_ranges = u.has_ranges OR ranges,
    children = u.children + sign * (
      covered_size(n.cidr, first, last)
      - coalesce((SELECT sum(covered_size(cidr, first, last)) FROM subnet WHERE id = ANY (moved)), 0)),
    child_count = u.child_count + sign * (1 - cardinality(moved)),
    taken = u.taken - sign * a.taken,
    reserved = u.reserved - sign * a.reserved,
    quarantined = u.quarantined - sign * a.quarantined
  FROM (SELECT count(*) FILTER (WHERE status <> 'free' AND address BETWEEN first AND last
                 AND NOT CASE WHEN ranges THEN coalesce((range_at(vrf_id, address)).count_as_used, false)
                         ELSE false END) AS taken,
               count(*) FILTER (WHERE status = 'reserved' AND address BETWEEN first AND last) AS reserved,
               count(*) FILTER (WHERE status = 'quarantined' AND address BETWEEN first AND last) AS quarantined
          FROM address WHERE subnet_id = n.id) a
  WHERE u.subnet_id = p;
END $$;

-- One new subnet n below p (NULL at the top): takes over what of p's lies inside it.
-- Addresses change their home here without being written by anybody, so their own triggers stand aside.
CREATE FUNCTION insert_into_tree(n subnet) RETURNS void LANGUAGE plpgsql SET cadastre.space = 'held' AS $$
DECLARE
  p bigint := n.parent_id;
  moved_children bigint[];
  moved_addresses int := 0;
BEGIN
  PERFORM lock_usage(ARRAY[p]);
  IF p IS NULL THEN
    WITH moved AS (
      UPDATE subnet SET parent_id = n.id
        WHERE vrf_id = n.vrf_id AND cidr > n.cidr AND cidr <= last_ip(n.cidr) AND parent_id IS NULL RETURNING id)
    SELECT array_agg(id) INTO moved_children FROM moved;
  ELSE
    WITH moved AS (
      UPDATE subnet SET parent_id = n.id
        WHERE parent_id = p AND cidr > n.cidr AND cidr <= last_ip(n.cidr) RETURNING id)
    SELECT array_agg(id) INTO moved_children FROM moved;
    UPDATE address SET subnet_id = n.id
      WHERE subnet_id = p AND address BETWEEN first_ip(n.cidr) AND last_ip(n.cidr);
    GET DIAGNOSTICS moved_addresses = ROW_COUNT;
  END IF;
  PERFORM recount(ARRAY[n.id]);
  IF moved_children IS NULL AND moved_addresses = 0
     AND NOT (SELECT has_ranges FROM subnet_usage WHERE subnet_id = n.id)
     AND NOT EXISTS (SELECT FROM space_hold WHERE vrf_id = n.vrf_id
                       AND address BETWEEN first_ip(n.cidr) AND last_ip(n.cidr) AND held_until > now()) THEN
    INSERT INTO free_span (subnet_id, start_ip, end_ip, room)
      VALUES (n.id, first_ip(n.cidr), last_ip(n.cidr), masklen(n.cidr));
  ELSE
    PERFORM rebuild_spans(ARRAY[n.id]);
  END IF;
  IF p IS NOT NULL THEN
    PERFORM carve(p, first_ip(n.cidr), last_ip(n.cidr));
    PERFORM shift_counts(p, n, coalesce(moved_children, '{}'), 1);
  END IF;
END $$;

-- The longest subnet that contains a block and is not the block itself, or NULL.
CREATE FUNCTION subnet_above(p_vrf bigint, p_block cidr) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN masklen(p_block) > 0 THEN longest_match(p_vrf, network(set_masklen(p_block::inet, masklen(p_block) - 1))) END
$$;

-- The right parent of every subnet inside a block, in one pass: in the btree's order a block comes before all it contains.
CREATE FUNCTION relink_tree(p_vrf bigint, p_block cidr) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s record;
  top bigint := subnet_above(p_vrf, p_block);
  above_ids bigint[] := '{}';
  above_blocks cidr[] := '{}';
  depth int := 0;
  parent bigint;
  wrong bigint[] := '{}';
  right_parents bigint[] := '{}';
BEGIN
  FOR s IN
    SELECT id, cidr, parent_id FROM subnet
      WHERE vrf_id = p_vrf AND cidr BETWEEN p_block AND last_ip(p_block) ORDER BY cidr
  LOOP
    WHILE depth > 0 AND NOT above_blocks[depth] >> s.cidr LOOP
      depth := depth - 1;
    END LOOP;
    parent := CASE WHEN depth > 0 THEN above_ids[depth] ELSE top END;
    IF s.parent_id IS DISTINCT FROM parent THEN
      wrong := wrong || s.id;
      right_parents := right_parents || parent;
    END IF;
    depth := depth + 1;
    above_ids[depth] := s.id;
    above_blocks[depth] := s.cidr;
  END LOOP;
  UPDATE subnet SET parent_id = w.parent
    FROM unnest(wrong, right_parents) AS w (id, parent) WHERE subnet.id = w.id;
END $$;

-- Many new subnets: relinks the tree about them, homes the addresses that have a longer match now, and recomputes the new
-- subnets and the parents they came under.
CREATE FUNCTION insert_many_into_tree(ids bigint[]) RETURNS void LANGUAGE plpgsql SET cadastre.space = 'held' AS $$
DECLARE
  region record;
  parents bigint[];
BEGIN
  FOR region IN EXECUTE
    'SELECT vrf_id, inet_merge(min(first_ip(cidr)), max(last_ip(cidr))) AS block FROM subnet
       WHERE id = ANY ($1) GROUP BY vrf_id, family(cidr) ORDER BY 1, 2' USING ids
  LOOP
    PERFORM relink_tree(region.vrf_id, region.block);
  END LOOP;
  EXECUTE 'SELECT coalesce(array_agg(DISTINCT u.subnet_id), ''{}'') FROM subnet s
             JOIN subnet_usage u ON u.subnet_id = s.parent_id WHERE s.id = ANY ($1)' INTO parents USING ids;
  PERFORM lock_usage(parents);
  EXECUTE 'UPDATE address a SET subnet_id = m.home
             FROM (SELECT id, longest_match(vrf_id, address) AS home FROM address WHERE subnet_id = ANY ($1)) m
             WHERE a.id = m.id AND a.subnet_id <> m.home' USING parents;
  PERFORM recount(ids || parents);
  PERFORM rebuild_spans(ids || parents);
END $$;

CREATE FUNCTION subnets_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n subnet;
  ids bigint[];
BEGIN
  SELECT array_agg(id) INTO ids FROM inserted;
  IF cardinality(ids) = 1 THEN
    SELECT * INTO n FROM inserted;
    PERFORM insert_into_tree(n);
  ELSIF ids IS NOT NULL THEN
    PERFORM insert_many_into_tree(ids);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_inserted AFTER INSERT ON subnet
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION subnets_inserted();

CREATE FUNCTION lock_for_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_tree(OLD.vrf_id);
  PERFORM lock_usage(ARRAY[OLD.id, OLD.parent_id]);
  RETURN OLD;
END $$;
CREATE TRIGGER subnet_lock_for_removal BEFORE DELETE ON subnet
  FOR EACH ROW EXECUTE FUNCTION lock_for_removal();

CREATE FUNCTION refuse_homeless(addresses bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF addresses > 0 THEN
    RAISE EXCEPTION '% addresses would lie in no subnet.', addresses
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_needs_subnet';
  END IF;
END $$;

-- The same for some ranges, once the tree is linked again.
CREATE FUNCTION refuse_homeless_ranges(ranges bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  homeless ip_range;
BEGIN
  SELECT * INTO homeless FROM ip_range
    WHERE id = ANY (ranges) AND longest_match(vrf_id, inet_merge(start_ip, end_ip)) IS NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'The range % to % would lie in no subnet.', host(homeless.start_ip), host(homeless.end_ip)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'range_needs_subnet';
  END IF;
END $$;

-- One subnet d is gone: its parent takes over its children, its addresses and its free space.
CREATE FUNCTION delete_from_tree(d subnet) RETURNS void LANGUAGE plpgsql SET cadastre.space = 'held' AS $$
DECLARE
  p bigint := d.parent_id;
  orphans bigint[];
  edge free_span;
BEGIN
  IF p IS NULL THEN
    PERFORM refuse_homeless((SELECT count(*) FROM address WHERE subnet_id = d.id));
    UPDATE subnet SET parent_id = NULL WHERE parent_id = d.id;
    PERFORM refuse_homeless_ranges(ARRAY(SELECT id FROM ranges_in(d.vrf_id, first_ip(d.cidr), last_ip(d.cidr))));
    DELETE FROM free_span WHERE subnet_id = d.id;
    RETURN;
  END IF;
  SELECT coalesce(array_agg(id), '{}') INTO orphans FROM subnet WHERE parent_id = d.id;
  PERFORM shift_counts(p, d, orphans, -1);
  UPDATE subnet SET parent_id = p WHERE parent_id = d.id;
  UPDATE address SET subnet_id = p WHERE subnet_id = d.id;
  UPDATE free_span SET subnet_id = p WHERE subnet_id = d.id;
  UPDATE subnet_usage SET
      -- NULL stays NULL (not known), which `least` would not do.
      free_from = CASE WHEN free_from > first_ip(d.cidr) THEN first_ip(d.cidr) ELSE free_from END,
      next_due = (SELECT min(available_at) FROM free_span WHERE subnet_id = p AND available_at IS NOT NULL)
    WHERE subnet_id = p;
  -- Inside, the spans that came along have the neighbours they had; at the two edges they may have new ones.
  FOR edge IN
    DELETE FROM free_span
      WHERE subnet_id = p AND (end_ip = last_ip(d.cidr) OR
        end_ip = (SELECT min(end_ip) FROM free_span
                    WHERE subnet_id = p AND end_ip >= first_ip(d.cidr) AND start_ip = first_ip(d.cidr)))
      RETURNING *
  LOOP
    PERFORM give_back(p, edge.start_ip, edge.end_ip, edge.available_at);
  END LOOP;
END $$;

-- Many are gone: what was in them goes to the nearest subnet above that stays, which is then recomputed.
CREATE FUNCTION delete_many_from_tree(gone bigint[], heirs bigint[]) RETURNS void
LANGUAGE plpgsql SET cadastre.space = 'held' AS $$
DECLARE
  parents bigint[];
  homeless bigint;
BEGIN
  SELECT coalesce(array_agg(DISTINCT h), '{}') INTO parents FROM unnest(heirs) h WHERE h IS NOT NULL;
  PERFORM lock_usage(parents);
  EXECUTE 'SELECT count(*) FROM unnest($1, $2) AS h (gone, stays) JOIN address a ON a.subnet_id = h.gone
             WHERE h.stays IS NULL' INTO homeless USING gone, heirs;
  PERFORM refuse_homeless(homeless);
  EXECUTE 'UPDATE subnet c SET parent_id = h.stays FROM unnest($1, $2) AS h (gone, stays)
             WHERE c.parent_id = h.gone' USING gone, heirs;
  IF array_position(heirs, NULL) IS NOT NULL THEN
    PERFORM refuse_homeless_ranges(ARRAY(SELECT id FROM ip_range));
  END IF;
  EXECUTE 'UPDATE address a SET subnet_id = h.stays FROM unnest($1, $2) AS h (gone, stays)
             WHERE a.subnet_id = h.gone' USING gone, heirs;
  EXECUTE 'DELETE FROM free_span WHERE subnet_id = ANY ($1)' USING gone;
  PERFORM recount(parents);
  PERFORM rebuild_spans(parents);
END $$;

CREATE FUNCTION subnets_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  d subnet;
  gone bigint[];
  heirs bigint[];
BEGIN
  SELECT array_agg(id) INTO gone FROM deleted;
  IF cardinality(gone) = 1 THEN
    SELECT * INTO d FROM deleted;
    PERFORM delete_from_tree(d);
  ELSIF gone IS NOT NULL THEN
    EXECUTE $sql$
      WITH RECURSIVE climb AS (
        SELECT id AS gone, parent_id AS at FROM deleted
        UNION ALL
        SELECT c.gone, d.parent_id FROM climb c JOIN deleted d ON d.id = c.at
      )
      SELECT array_agg(gone), array_agg(at) FROM climb
        WHERE NOT EXISTS (SELECT FROM deleted d WHERE d.id = climb.at)
    $sql$ INTO gone, heirs;
    PERFORM delete_many_from_tree(gone, heirs);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_deleted AFTER DELETE ON subnet
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION subnets_deleted();

-- The block of a subnet is its identity, and with it goes the space of others: only the functions that take care of all of
-- it (resize_subnet, renumber_subnet) change it. The parent is derived, whoever writes it.
CREATE FUNCTION guard_subnet() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_held boolean := coalesce(current_setting('cadastre.space', true), '') = 'held';
BEGIN
  IF NEW.vrf_id <> OLD.vrf_id OR (NEW.cidr <> OLD.cidr AND NOT is_held) THEN
    RAISE EXCEPTION 'The VRF and CIDR of a subnet cannot be changed; resize or renumber it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'subnet_block_stays';
  END IF;
  IF NOT is_held THEN
    NEW.parent_id := OLD.parent_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subnet_guard BEFORE UPDATE ON subnet
  FOR EACH ROW EXECUTE FUNCTION guard_subnet();
CREATE TRIGGER subnet_version BEFORE UPDATE ON subnet
  FOR EACH ROW EXECUTE FUNCTION keep_version('parent_id');

-- Which addresses count depends on the status and on whether the edges may be used.
CREATE FUNCTION recount_subnet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_usage(ARRAY[NEW.id]);
  PERFORM recount(ARRAY[NEW.id]);
  -- The network address may have become usable, below all that was handed out.
  UPDATE subnet_usage SET free_from = NULL WHERE subnet_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_recount AFTER UPDATE ON subnet
  FOR EACH ROW WHEN ((OLD.status = 'container') <> (NEW.status = 'container')
    OR OLD.allow_network_and_broadcast <> NEW.allow_network_and_broadcast)
  EXECUTE FUNCTION recount_subnet();
