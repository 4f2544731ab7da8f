-- Events on their way to subscribers: one row per event and subscriber, gone once delivered.
CREATE TABLE outbox (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event       text NOT NULL,
  subscriber  text NOT NULL,
  payload     jsonb NOT NULL,
  attempts    int NOT NULL DEFAULT 0,
  due_at      timestamptz NOT NULL DEFAULT now(),
  last_error  text,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_due_idx ON outbox (due_at, id);

-- Keeps version, updated_at and updated_by of any table that has them, whoever writes. The trigger's arguments name the
-- columns that the database derives: a change of those alone is no new version. The version cannot be set by hand, so
-- that If-Match holds for a person in psql too.
CREATE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  derived text[] := TG_ARGV || '{version,created_at,created_by,updated_at,updated_by}'::text[];
BEGIN
  IF to_jsonb(NEW) - derived IS DISTINCT FROM to_jsonb(OLD) - derived THEN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    -- One statement may write for several actors; then each row brings its own.
    IF current_setting('cadastre.actor', true) IS DISTINCT FROM 'each-row' THEN
      NEW.updated_by := current_actor();
    END IF;
  ELSE
    NEW.version := OLD.version;
    NEW.updated_at := OLD.updated_at;
    NEW.updated_by := OLD.updated_by;
  END IF;
  NEW.created_at := OLD.created_at;
  NEW.created_by := OLD.created_by;
  RETURN NEW;
END $$;

-- Who acts: what the transaction carries, or the database role of a person in psql.
-- An unset setting reads back NULL first and '' once it has been set in the session.
CREATE FUNCTION current_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(current_setting('cadastre.actor', true), ''), 'db:' || session_user)
$$;
