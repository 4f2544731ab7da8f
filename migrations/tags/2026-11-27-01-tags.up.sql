-- Tags: what is known of labels. Records carry labels by name, whether there is a tag of that name or not.
CREATE TABLE tag (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL CONSTRAINT tag_name_key UNIQUE,
  color         text NOT NULL DEFAULT '#64748b' CONSTRAINT tag_color_check CHECK (color ~ '^#[0-9a-f]{6}$'),
  -- Whether it holds for all that lies below a subnet that carries it.
  inherited     boolean NOT NULL DEFAULT false,
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
CREATE INDEX tag_tags_gin ON tag USING gin (tags) WHERE tags <> '{}';
CREATE TRIGGER tag_version BEFORE UPDATE ON tag
  FOR EACH ROW EXECUTE FUNCTION keep_version();
