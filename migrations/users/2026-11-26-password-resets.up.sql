-- The one open link of a user by which a forgotten password is replaced; gone once used. Not a registered model: it is machinery.
CREATE TABLE password_reset (
  user_id     bigint PRIMARY KEY REFERENCES app_user ON DELETE CASCADE,
  token_hash  bytea NOT NULL CONSTRAINT password_reset_hash_key UNIQUE,
  expires_at  timestamptz NOT NULL
);

-- A new password or a deactivation ends it, whoever writes it.
CREATE FUNCTION drop_password_reset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM password_reset WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER app_user_drop_password_reset AFTER UPDATE ON app_user FOR EACH ROW
  WHEN (NEW.password_hash IS DISTINCT FROM OLD.password_hash OR (OLD.active AND NOT NEW.active))
  EXECUTE FUNCTION drop_password_reset();
