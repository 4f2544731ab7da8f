-- Tables with all that is awkward to record.
CREATE TABLE site (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE safe (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id      bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  label        text NOT NULL,
  combination  text,
  opened_at    timestamptz,
  papers       jsonb,
  "order"      json,
  times_opened int NOT NULL DEFAULT 0,
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text DEFAULT current_actor(),
  updated_by   text DEFAULT current_actor()
);
CREATE TRIGGER safe_version BEFORE UPDATE ON safe FOR EACH ROW EXECUTE FUNCTION keep_version('times_opened');
