-- Where things stand: sites within sites.
CREATE TABLE site (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Digits alone are an id wherever a site may be named.
  name          text NOT NULL CONSTRAINT site_name_key UNIQUE
                CONSTRAINT site_name_check CHECK (name ~ '[^0-9]' AND name = btrim(name)),
  status        text NOT NULL DEFAULT 'active'
                CONSTRAINT site_status_check CHECK (status IN ('planned', 'active', 'retired')),
  parent_id     bigint CONSTRAINT site_parent_fkey REFERENCES site,
  facility      text,
  address       text,
  latitude      double precision CONSTRAINT site_latitude_check CHECK (latitude BETWEEN -90 AND 90),
  longitude     double precision CONSTRAINT site_longitude_check CHECK (longitude BETWEEN -180 AND 180),
  description   text,
  tags          text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor()
);
CREATE INDEX site_parent_idx ON site (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX site_tags_gin ON site USING gin (tags) WHERE tags <> '{}';
CREATE TRIGGER site_version BEFORE UPDATE ON site
  FOR EACH ROW EXECUTE FUNCTION keep_version();
CREATE TRIGGER site_kept_by_sites BEFORE DELETE ON site FOR EACH ROW
  EXECUTE FUNCTION keep_while_used('site', 'parent_id', 'site_parent_fkey',
    'site lies in this one; move it elsewhere or delete it first.', 'sites lie in this one; move them elsewhere or delete them first.');

-- A site lies in another, that perhaps in another, ten levels at most and never in a circle. Those who move sites wait for each other:
-- two of them could close a circle of which each sees half.
CREATE FUNCTION check_site_parent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  most CONSTANT int := 10;
  above bigint[];
  below int;
BEGIN
  IF NEW.parent_id IS NULL OR (TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id) THEN
    RETURN NEW;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('site_parent'));
  WITH RECURSIVE up (id, parent_id) AS (
    SELECT id, parent_id FROM site WHERE id = NEW.parent_id
    UNION SELECT s.id, s.parent_id FROM site s JOIN up ON s.id = up.parent_id)
  SELECT coalesce(array_agg(id), '{}') INTO above FROM up;
  IF NEW.id = NEW.parent_id OR NEW.id = ANY (above) THEN
    RAISE EXCEPTION 'The site % would lie in itself: choose a parent that is not below it.', NEW.name
      USING ERRCODE = 'check_violation', CONSTRAINT = 'site_in_itself';
  END IF;
  WITH RECURSIVE down (id, level) AS (
    SELECT NEW.id, 1
    UNION SELECT s.id, down.level + 1 FROM site s JOIN down ON s.parent_id = down.id)
  SELECT max(level) INTO below FROM down;
  IF cardinality(above) + below > most THEN
    RAISE EXCEPTION 'Sites would lie % levels deep; % are the most.', cardinality(above) + below, most
      USING ERRCODE = 'check_violation', CONSTRAINT = 'site_depth';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER site_parent BEFORE INSERT OR UPDATE OF parent_id ON site
  FOR EACH ROW EXECUTE FUNCTION check_site_parent();
