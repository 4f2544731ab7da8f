-- Pools: several subnets that are asked one after the other.
CREATE TABLE pool (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL CONSTRAINT pool_name_key UNIQUE,
  -- Subnets, in the order in which they are asked. No foreign keys: the triggers below see to it.
  members     bigint[] NOT NULL DEFAULT '{}',
  -- Of addresses or of subnets, whichever knows it; NULL: as each member's policy says.
  strategy    text,
  default_prefix_length smallint
              CONSTRAINT pool_default_prefix_length_check CHECK (default_prefix_length BETWEEN 1 AND 128),
  description text,
  tags        text[] NOT NULL DEFAULT '{}',
  metadata    jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version     int NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  created_by  text DEFAULT current_actor(),
  updated_by  text DEFAULT current_actor()
);
CREATE INDEX pool_members_gin ON pool USING gin (members);
CREATE INDEX pool_tags_gin ON pool USING gin (tags) WHERE tags <> '{}';
CREATE TRIGGER pool_version BEFORE UPDATE ON pool
  FOR EACH ROW EXECUTE FUNCTION keep_version();

-- Every member is there, and once. New members are locked against being deleted until the pool is written; those that were
-- members before need no lock, and must not have one: whoever deletes a subnet comes through here, and would wait for another
-- who does the same.
CREATE FUNCTION check_pool_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  added bigint[] := NEW.members;
  missing bigint;
BEGIN
  IF array_position(NEW.members, NULL) IS NOT NULL
     OR cardinality(NEW.members) <> (SELECT count(DISTINCT m) FROM unnest(NEW.members) m) THEN
    RAISE EXCEPTION 'A pool names each of its subnets once.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_members_once';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    added := ARRAY(SELECT unnest(NEW.members) EXCEPT SELECT unnest(OLD.members));
  END IF;
  PERFORM FROM subnet WHERE id = ANY (added) ORDER BY id FOR KEY SHARE;
  SELECT m INTO missing FROM unnest(added) m WHERE NOT EXISTS (SELECT FROM subnet WHERE id = m) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'There is no subnet %.', missing
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_members_exist';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER pool_members BEFORE INSERT OR UPDATE OF members ON pool
  FOR EACH ROW EXECUTE FUNCTION check_pool_members();

-- A subnet that is deleted drops out of its pools, also where whoever deletes it is confined to a branch that they reach out of.
CREATE FUNCTION leave_pools() RETURNS trigger LANGUAGE plpgsql SET cadastre.branches = '' AS $$
DECLARE
  gone bigint[];
BEGIN
  SELECT array_agg(id) INTO gone FROM deleted;
  PERFORM FROM pool WHERE members && gone ORDER BY id FOR UPDATE;
  UPDATE pool SET members = ARRAY(
      SELECT m FROM unnest(members) WITH ORDINALITY AS old (m, nth) WHERE m <> ALL (gone) ORDER BY nth)
    WHERE members && gone;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_leaves_pools AFTER DELETE ON subnet
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION leave_pools();
