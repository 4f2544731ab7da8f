-- Addresses: each has the longest subnet that contains it as its home, and occupies its space there, whoever writes.
-- Callers that hold the usage row and keep the space themselves set cadastre.space = 'held'; the triggers stand aside.
-- What runs once per row finds usage rows by their key, also with a plan that was made while there were hardly any.

-- Finds the home of an address and locks its usage row; again where a longer match has appeared while it waited. NULL: none.
CREATE FUNCTION lock_home(p_vrf bigint, p_address inet) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  home bigint;
  locked bigint;
  gone bigint;
BEGIN
  LOOP
    home := longest_match(p_vrf, p_address);
    IF home IS NULL OR home = locked THEN
      RETURN home;
    END IF;
    -- Of two, the lower id is locked first, always: where the lower one is only found now, the transaction starts again.
    IF home < locked THEN
      RAISE EXCEPTION 'The tree of subnets has just changed; try again.' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM FROM subnet_usage WHERE subnet_id = home FOR UPDATE;
    IF FOUND THEN
      locked := home;
    ELSIF home = gone THEN
      -- Not deleted while we waited, but inserted by the very statement that we are part of.
      RAISE EXCEPTION 'Subnet % has no space yet; add addresses in a statement of their own.', home
        USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSE
      gone := home;
    END IF;
  END LOOP;
END $$;

-- Locks the usage rows of the homes of several addresses, by id. Where the tree has changed while it waited the transaction starts
-- again: to lock what is found only then, perhaps of a lower id, would be out of order.
CREATE FUNCTION lock_homes_of(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  homes bigint[] := ARRAY(SELECT DISTINCT subnet_id FROM address WHERE id = ANY (ids));
BEGIN
  PERFORM lock_usage(homes);
  IF EXISTS (SELECT FROM address WHERE id = ANY (ids) AND subnet_id <> ALL (homes)) THEN
    RAISE EXCEPTION 'The tree of subnets has just changed; try again.' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;

CREATE FUNCTION place_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.subnet_id := lock_home(NEW.vrf_id, NEW.address);
  IF NEW.subnet_id IS NULL THEN
    RAISE EXCEPTION '% lies in no subnet of its VRF.', host(NEW.address)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_needs_subnet';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER address_place BEFORE INSERT ON address
  FOR EACH ROW WHEN (current_setting('cadastre.space', true) IS DISTINCT FROM 'held')
  EXECUTE FUNCTION place_address();

-- The address is the row's identity, and its home is derived. Nothing is free and held at once.
CREATE FUNCTION guard_address() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF NEW.vrf_id <> OLD.vrf_id OR NEW.address <> OLD.address THEN
    RAISE EXCEPTION 'The VRF and address of a row cannot be changed; release it and take another.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_stays';
  END IF;
  NEW.subnet_id := OLD.subnet_id;
  IF NEW.status <> 'free' THEN
    NEW.available_at := NULL;
  END IF;
  -- Names, holders and labels take no space; who writes those of many waits for nobody who hands out.
  IF (NEW.status, NEW.available_at) IS DISTINCT FROM (OLD.status, OLD.available_at) THEN
    PERFORM FROM subnet_usage WHERE subnet_id = NEW.subnet_id FOR UPDATE;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER address_guard BEFORE UPDATE ON address
  FOR EACH ROW WHEN (current_setting('cadastre.space', true) IS DISTINCT FROM 'held')
  EXECUTE FUNCTION guard_address();
-- Where an address only gets another home, nobody has written it; to find that out would be half of what re-homing costs.
CREATE TRIGGER address_version BEFORE UPDATE ON address
  FOR EACH ROW WHEN (OLD.subnet_id = NEW.subnet_id) EXECUTE FUNCTION keep_version('subnet_id', 'available_at');

CREATE FUNCTION lock_home_of_old() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  PERFORM FROM subnet_usage WHERE subnet_id = OLD.subnet_id FOR UPDATE;
  RETURN OLD;
END $$;
CREATE TRIGGER address_lock_home BEFORE DELETE ON address
  FOR EACH ROW WHEN (current_setting('cadastre.space', true) IS DISTINCT FROM 'held')
  EXECUTE FUNCTION lock_home_of_old();

-- Adds one row to its home's counters (sign 1) or takes it out (-1).
CREATE FUNCTION count_address(a address, sign int) RETURNS void LANGUAGE sql AS $$
  UPDATE subnet_usage SET
    taken = taken + sign * (a.status <> 'free' AND a.address BETWEEN counted_first AND counted_last
      AND NOT CASE WHEN has_ranges THEN coalesce((range_at(a.vrf_id, a.address)).count_as_used, false) ELSE false END)::int,
    reserved = reserved + sign * (a.status = 'reserved' AND a.address BETWEEN counted_first AND counted_last)::int,
    quarantined = quarantined + sign * (a.status = 'quarantined' AND a.address BETWEEN counted_first AND counted_last)::int
  WHERE subnet_id = a.subnet_id
$$;

-- One address row came (was NULL), went (becomes NULL) or changed.
CREATE FUNCTION settle_address(was address, becomes address) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  home bigint := coalesce(becomes.subnet_id, was.subnet_id);
  ip inet := coalesce(becomes.address, was.address);
  held timestamptz := held_until(coalesce(becomes.vrf_id, was.vrf_id), coalesce(becomes.address, was.address));
  was_cooling boolean := was.status = 'free' AND was.available_at IS NOT NULL;
  cools_until timestamptz := greatest(held,
    CASE WHEN becomes.status = 'free' AND becomes.available_at > now() THEN becomes.available_at END);
  has_ranges boolean;
BEGIN
  IF was.id IS NOT NULL THEN
    PERFORM count_address(was, -1);
  END IF;
  IF becomes.id IS NOT NULL THEN
    PERFORM count_address(becomes, 1);
  END IF;
  SELECT u.has_ranges INTO has_ranges FROM subnet_usage u WHERE subnet_id = home;
  IF has_ranges AND NOT (range_at(coalesce(becomes.vrf_id, was.vrf_id), ip)).allocatable THEN
    -- Never free, so there is nothing to take or to give back.
    RETURN;
  END IF;
  IF coalesce(becomes.status, 'free') <> 'free' THEN
    IF coalesce(was.status, 'free') = 'free' THEN
      PERFORM carve(home, ip, ip);
    END IF;
  ELSIF was.status <> 'free' THEN
    PERFORM give_back(home, ip, ip, cools_until);
  ELSIF was_cooling OR cools_until IS NOT NULL THEN
    PERFORM carve(home, ip, ip);
    PERFORM give_back(home, ip, ip, cools_until);
  END IF;
END $$;

-- After a statement that wrote addresses: one row by small steps, many by recomputing the subnets they lie in.
-- The transition tables cannot be named alike for all three kinds, so each kind has its few lines.
CREATE FUNCTION recompute_space(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_usage(ids);
  PERFORM recount(ids);
  PERFORM rebuild_spans(ids);
END $$;

CREATE FUNCTION addresses_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n int;
  a address;
BEGIN
  SELECT count(*) INTO n FROM (SELECT FROM inserted LIMIT 2) few;
  IF n = 1 THEN
    SELECT * INTO a FROM inserted;
    PERFORM settle_address(NULL, a);
  ELSIF n > 1 THEN
    PERFORM recompute_space((SELECT array_agg(DISTINCT subnet_id) FROM inserted));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER address_inserted AFTER INSERT ON address
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
  WHEN (current_setting('cadastre.space', true) IS DISTINCT FROM 'held')
  EXECUTE FUNCTION addresses_inserted();

CREATE FUNCTION addresses_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n int;
  was address;
  becomes address;
  homes bigint[];
BEGIN
  SELECT count(*) INTO n FROM (SELECT FROM before_update LIMIT 2) few;
  IF n = 1 THEN
    SELECT * INTO was FROM before_update;
    SELECT * INTO becomes FROM after_update;
    IF (was.status, was.available_at) IS DISTINCT FROM (becomes.status, becomes.available_at) THEN
      PERFORM settle_address(was, becomes);
    END IF;
  ELSIF n > 1 THEN
    -- Names and holders take no space.
    EXECUTE 'SELECT array_agg(DISTINCT a.subnet_id) FROM before_update b JOIN after_update a USING (vrf_id, address)
               WHERE (b.status, b.available_at) IS DISTINCT FROM (a.status, a.available_at)' INTO homes;
    PERFORM recompute_space(homes) WHERE homes IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER address_updated AFTER UPDATE ON address
  REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update FOR EACH STATEMENT
  WHEN (current_setting('cadastre.space', true) IS DISTINCT FROM 'held')
  EXECUTE FUNCTION addresses_updated();

CREATE FUNCTION addresses_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n int;
  a address;
BEGIN
  SELECT count(*) INTO n FROM (SELECT FROM deleted LIMIT 2) few;
  IF n = 1 THEN
    SELECT * INTO a FROM deleted;
    PERFORM settle_address(a, NULL);
  ELSIF n > 1 THEN
    PERFORM recompute_space((SELECT array_agg(DISTINCT subnet_id) FROM deleted));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER address_deleted AFTER DELETE ON address
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT
  WHEN (current_setting('cadastre.space', true) IS DISTINCT FROM 'held')
  EXECUTE FUNCTION addresses_deleted();

-- Lays free addresses of one subnet out anew, after their holds have changed. Needs the usage row's lock.
CREATE FUNCTION settle_holds(p_vrf bigint, p_home bigint, p_addresses inet[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
  ip inet;
  found address;
BEGIN
  FOREACH ip IN ARRAY p_addresses LOOP
    SELECT * INTO found FROM address WHERE vrf_id = p_vrf AND address = ip;
    IF coalesce(found.status, 'free') = 'free' AND coalesce((range_at(p_vrf, ip)).allocatable, true) THEN
      PERFORM carve(p_home, ip, ip);
      PERFORM give_back(p_home, ip, ip,
        greatest(held_until(p_vrf, ip), CASE WHEN found.available_at > now() THEN found.available_at END));
    END IF;
  END LOOP;
END $$;

-- Holds addresses of a VRF back until a moment, or, where that is NULL, no longer. Those that lie in no subnet are left out.
CREATE FUNCTION hold_addresses(p_vrf bigint, p_addresses inet[], p_until timestamptz) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET cadastre.branches = '' AS $$
DECLARE
  homes bigint[];
  home record;
BEGIN
  SELECT array_agg(DISTINCT longest_match(p_vrf, ip)) INTO homes FROM unnest(p_addresses) ip;
  PERFORM lock_usage(homes);
  IF p_until IS NULL THEN
    DELETE FROM space_hold WHERE vrf_id = p_vrf AND address = ANY (p_addresses);
  ELSE
    INSERT INTO space_hold (vrf_id, address, held_until)
      SELECT DISTINCT p_vrf, ip, p_until FROM unnest(p_addresses) ip WHERE longest_match(p_vrf, ip) IS NOT NULL
      ON CONFLICT (vrf_id, address) DO UPDATE SET held_until = EXCLUDED.held_until;
  END IF;
  FOR home IN
    SELECT longest_match(p_vrf, ip) AS id, array_agg(DISTINCT ip) AS ips FROM unnest(p_addresses) ip GROUP BY 1 ORDER BY 1
  LOOP
    IF home.id IS NOT NULL AND NOT home.id = ANY (homes) THEN
      RAISE EXCEPTION 'The tree of subnets has just changed; try again.' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM settle_holds(p_vrf, home.id, home.ips) WHERE home.id IS NOT NULL;
  END LOOP;
END $$;

-- TRUNCATE fires no trigger per row: counters, spans and homes would stay behind.
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% cannot be truncated; use DELETE.', TG_TABLE_NAME USING ERRCODE = 'feature_not_supported';
END $$;
CREATE TRIGGER subnet_no_truncate BEFORE TRUNCATE ON subnet EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER address_no_truncate BEFORE TRUNCATE ON address EXECUTE FUNCTION refuse_truncate();
