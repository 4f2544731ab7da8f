-- Roll-up: of each subnet, what is used in it and in everything below. Who changes a subnet's counters only appends the
-- difference; a job adds the differences up the tree every few seconds. Nothing here is waited for while addresses are
-- handed out: a sum that is kept in the same transaction would make every root a lock for all that lies under it.
--
-- Between two folds a subnet's own part (its roll-up without those of its children) is what its counters were at the last
-- one. The triggers on the tree keep that true, so that a subnet can come and go without the branch being counted again.

-- No index: it is appended to, and read and emptied as a whole.
CREATE TABLE rollup_delta (
  subnet_id   bigint NOT NULL,
  used        numeric NOT NULL,
  reserved    numeric NOT NULL,
  quarantined numeric NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Without a row: nothing is used in the branch.
CREATE TABLE subnet_rollup (
  subnet_id   bigint PRIMARY KEY,
  used        numeric NOT NULL,
  reserved    numeric NOT NULL,
  quarantined numeric NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

-- VRFs whose roll-ups the next fold makes anew from the counters: after changes of the tree that are not followed step by step.
CREATE TABLE rollup_recompute (vrf_id bigint PRIMARY KEY);

-- When the fold began that was the last to reach every VRF.
CREATE TABLE rollup_state (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), as_of timestamptz NOT NULL)
  WITH (fillfactor = 50);
INSERT INTO rollup_state (as_of) VALUES (now());

-- Has the next fold count a VRF anew. Whoever calls holds what locks it needs: later ones might be waited for in a circle.
CREATE FUNCTION mark_rollup(p_vrf bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO rollup_recompute (vrf_id) VALUES (p_vrf) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION note_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollup_delta VALUES (NEW.subnet_id, NEW.taken - OLD.taken + NEW.ranged - OLD.ranged,
    NEW.reserved - OLD.reserved, NEW.quarantined - OLD.quarantined);
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_usage_noted AFTER UPDATE ON subnet_usage
  FOR EACH ROW WHEN (OLD.taken <> NEW.taken OR OLD.ranged <> NEW.ranged
    OR OLD.reserved <> NEW.reserved OR OLD.quarantined <> NEW.quarantined)
  EXECUTE FUNCTION note_usage();

CREATE FUNCTION note_new_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollup_delta VALUES (NEW.subnet_id, NEW.taken + NEW.ranged, NEW.reserved, NEW.quarantined);
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_usage_new_noted AFTER INSERT ON subnet_usage
  FOR EACH ROW WHEN (NEW.taken + NEW.ranged + NEW.reserved + NEW.quarantined <> 0) EXECUTE FUNCTION note_new_usage();

-- The triggers on the tree are named so that they come after those that link it (subnet_inserted, subnet_deleted).
-- One new subnet starts with what the children bring that it took over.
CREATE FUNCTION roll_up_inserted() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  ids bigint[];
BEGIN
  SELECT array_agg(id) INTO ids FROM inserted;
  IF cardinality(ids) = 1 THEN
    INSERT INTO subnet_rollup (subnet_id, used, reserved, quarantined)
      SELECT ids[1], sum(r.used), sum(r.reserved), sum(r.quarantined)
        FROM subnet c JOIN subnet_rollup r ON r.subnet_id = c.id WHERE c.parent_id = ids[1] HAVING count(*) > 0;
  ELSE
    PERFORM mark_rollup(vrf_id) FROM (SELECT DISTINCT vrf_id FROM inserted ORDER BY vrf_id) v;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_rolled_up_new AFTER INSERT ON subnet
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION roll_up_inserted();

-- One subnet is gone: its own part is taken from those above it. What it had pending belongs to no subnet any more, and
-- the fold drops it; what its parent took over, the parent's own counters have noted.
CREATE FUNCTION roll_up_deleted() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  d subnet;
  gone bigint[];
BEGIN
  SELECT array_agg(id) INTO gone FROM deleted;
  IF cardinality(gone) = 1 THEN
    SELECT * INTO d FROM deleted;
    INSERT INTO rollup_delta
      SELECT d.parent_id, coalesce(c.used, 0) - r.used, coalesce(c.reserved, 0) - r.reserved,
             coalesce(c.quarantined, 0) - r.quarantined
        FROM subnet_rollup r
        CROSS JOIN LATERAL (
          SELECT sum(o.used) AS used, sum(o.reserved) AS reserved, sum(o.quarantined) AS quarantined
            FROM subnet s JOIN subnet_rollup o ON o.subnet_id = s.id
            WHERE s.parent_id = d.parent_id AND s.cidr > d.cidr AND s.cidr <= last_ip(d.cidr)) c
        WHERE r.subnet_id = d.id AND d.parent_id IS NOT NULL;
  ELSE
    PERFORM mark_rollup(vrf_id) FROM (SELECT DISTINCT vrf_id FROM deleted ORDER BY vrf_id) v;
  END IF;
  DELETE FROM subnet_rollup WHERE subnet_id = ANY (gone);
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_rolled_up_gone AFTER DELETE ON subnet
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION roll_up_deleted();

CREATE FUNCTION roll_up_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_rollup(NEW.vrf_id);
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_rolled_up_moved AFTER UPDATE OF cidr ON subnet
  FOR EACH ROW WHEN (OLD.cidr <> NEW.cidr) EXECUTE FUNCTION roll_up_moved();

-- Adds what is pending in a VRF up the tree, or counts the VRF anew where that is asked for. Answers whether it did: where
-- somebody is changing the tree, it does not wait, and the next fold does it. What is read and what is deleted are of one
-- statement, and so of one moment: what is committed meanwhile stays pending as a whole.
CREATE FUNCTION fold_rollup(p_vrf bigint) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  PERFORM FROM vrf WHERE id = p_vrf FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN NOT EXISTS (SELECT FROM vrf WHERE id = p_vrf);
  END IF;
  PERFORM lock_tree(p_vrf);
  DELETE FROM rollup_recompute WHERE vrf_id = p_vrf;
  IF FOUND THEN
    EXECUTE $sql$
      WITH RECURSIVE pending AS (
        DELETE FROM rollup_delta d USING subnet s WHERE s.id = d.subnet_id AND s.vrf_id = $1
      ), climb AS (
        SELECT u.subnet_id AS at, u.taken + u.ranged AS used, u.reserved, u.quarantined
          FROM subnet s JOIN subnet_usage u ON u.subnet_id = s.id
          WHERE s.vrf_id = $1 AND u.taken + u.ranged + u.reserved + u.quarantined > 0
        UNION ALL
        SELECT s.parent_id, c.used, c.reserved, c.quarantined
          FROM climb c JOIN subnet s ON s.id = c.at WHERE s.parent_id IS NOT NULL
      ), sums AS MATERIALIZED (
        SELECT at, sum(used) AS used, sum(reserved) AS reserved, sum(quarantined) AS quarantined FROM climb GROUP BY at
      ), emptied AS (
        DELETE FROM subnet_rollup r USING subnet s
          WHERE s.id = r.subnet_id AND s.vrf_id = $1 AND r.subnet_id NOT IN (SELECT at FROM sums)
      )
      INSERT INTO subnet_rollup AS r SELECT * FROM sums
        ON CONFLICT (subnet_id) DO UPDATE SET
          used = EXCLUDED.used, reserved = EXCLUDED.reserved, quarantined = EXCLUDED.quarantined
          WHERE (r.used, r.reserved, r.quarantined) IS DISTINCT FROM (EXCLUDED.used, EXCLUDED.reserved, EXCLUDED.quarantined)
    $sql$ USING p_vrf;
  ELSE
    EXECUTE $sql$
      WITH RECURSIVE pending AS (
        DELETE FROM rollup_delta d USING subnet s WHERE s.id = d.subnet_id AND s.vrf_id = $1
          RETURNING d.subnet_id, d.used, d.reserved, d.quarantined
      ), climb AS (
        SELECT subnet_id AS at, sum(used) AS used, sum(reserved) AS reserved, sum(quarantined) AS quarantined
          FROM pending GROUP BY subnet_id
        UNION ALL
        SELECT s.parent_id, c.used, c.reserved, c.quarantined
          FROM climb c JOIN subnet s ON s.id = c.at WHERE s.parent_id IS NOT NULL
      )
      INSERT INTO subnet_rollup AS r SELECT at, sum(used), sum(reserved), sum(quarantined) FROM climb GROUP BY at
        ON CONFLICT (subnet_id) DO UPDATE SET
          used = r.used + EXCLUDED.used, reserved = r.reserved + EXCLUDED.reserved,
          quarantined = r.quarantined + EXCLUDED.quarantined
    $sql$ USING p_vrf;
  END IF;
  RETURN true;
END $$;

-- What was used before this migration.
SELECT mark_rollup(id) FROM vrf;
