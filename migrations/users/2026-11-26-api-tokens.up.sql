-- Tokens that programs send instead of signing in. A token acts for its owner, and may never do more than both may.
-- Only a hash of it is kept: it is 256 random bits, so a plain SHA-256 cannot be turned back.
CREATE TABLE api_token (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
  name           text NOT NULL,
  role           text NOT NULL CONSTRAINT api_token_role_known CHECK (role IN ('admin', 'engineer', 'auditor', 'viewer')),
  token_hash     bytea NOT NULL CONSTRAINT api_token_hash_key UNIQUE,
  -- Where it may come from; empty: anywhere.
  allowed_cidrs  cidr[] NOT NULL DEFAULT '{}',
  expires_at     timestamptz,
  -- Within some minutes: it is not written at every request.
  last_used_at   timestamptz,
  created_at     timestamptz NOT NULL DEFAULT now(),
  created_by     text DEFAULT current_actor()
);
CREATE INDEX api_token_user_idx ON api_token (user_id);

-- Whoever is deactivated loses their tokens for good, whoever writes it; an activation later does not bring them back.
CREATE FUNCTION drop_api_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM api_token WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER app_user_drop_api_tokens AFTER UPDATE ON app_user FOR EACH ROW
  WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION drop_api_tokens();
