CREATE TABLE hall (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CONSTRAINT hall_name_key UNIQUE,
  floor int,
  description text,
  tags text[] NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_by text DEFAULT current_actor(),
  updated_by text DEFAULT current_actor()
);
CREATE TRIGGER hall_version BEFORE UPDATE ON hall FOR EACH ROW EXECUTE FUNCTION keep_version();

CREATE TABLE exhibit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL,
  hall_id bigint NOT NULL CONSTRAINT exhibit_hall_fkey REFERENCES hall,
  pair_id bigint CONSTRAINT exhibit_pair_fkey REFERENCES exhibit,
  kind text NOT NULL DEFAULT 'painting',
  pieces int NOT NULL DEFAULT 1,
  kilograms double precision,
  on_show boolean NOT NULL,
  acquired_at timestamptz,
  sensor macaddr,
  sizes jsonb NOT NULL DEFAULT '[]',
  slug text GENERATED ALWAYS AS (lower(title)) STORED,
  description text,
  tags text[] NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_by text DEFAULT current_actor(),
  updated_by text DEFAULT current_actor()
);
CREATE TRIGGER exhibit_version BEFORE UPDATE ON exhibit FOR EACH ROW EXECUTE FUNCTION keep_version();
