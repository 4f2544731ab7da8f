-- Who may sign in. An e-mail address names one user, however it is capitalised.
CREATE TABLE app_user (
  id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email                 text NOT NULL,
  name                  text NOT NULL,
  role                  text NOT NULL CONSTRAINT app_user_role_known CHECK (role IN ('admin', 'engineer', 'auditor', 'viewer')),
  password_hash         text NOT NULL,
  active                boolean NOT NULL DEFAULT true,
  must_change_password  boolean NOT NULL DEFAULT false,
  last_login_at         timestamptz,
  version               int NOT NULL DEFAULT 1,
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now(),
  created_by            text DEFAULT current_actor(),
  updated_by            text DEFAULT current_actor()
);
CREATE UNIQUE INDEX app_user_email_key ON app_user (lower(email));
CREATE TRIGGER app_user_version BEFORE UPDATE ON app_user
  FOR EACH ROW EXECUTE FUNCTION keep_version('last_login_at');

-- Refresh tokens, hashed. Those that were exchanged for one another are a family: one sign-in on one device.
-- Not a registered model: they are machinery, and would fill the audit log with every renewal.
CREATE TABLE refresh_token (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
  family      uuid NOT NULL,
  token_hash  bytea NOT NULL CONSTRAINT refresh_token_hash_key UNIQUE,
  issued_at   timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  spent_at    timestamptz,
  revoked_at  timestamptz
);
-- A family has one token that is not spent; revoking that one revokes the family.
CREATE UNIQUE INDEX refresh_token_head_key ON refresh_token (family) WHERE spent_at IS NULL;
CREATE INDEX refresh_token_user_idx ON refresh_token (user_id);

-- A new password or a deactivation ends every sign-in, whoever writes it.
CREATE FUNCTION end_sign_ins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE refresh_token SET revoked_at = now()
   WHERE user_id = NEW.id AND spent_at IS NULL AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER app_user_end_sign_ins AFTER UPDATE ON app_user FOR EACH ROW
  WHEN (NEW.password_hash IS DISTINCT FROM OLD.password_hash OR (OLD.active AND NOT NEW.active))
  EXECUTE FUNCTION end_sign_ins();

-- An active admin is always left. The advisory lock makes two who leave at once queue, and the count that follows is a
-- statement of its own, so that it sees what the first one committed.
CREATE FUNCTION keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('cadastre.app_user.admin'));
  IF NOT EXISTS (SELECT FROM app_user WHERE role = 'admin' AND active) THEN
    RAISE EXCEPTION '% is the last active admin', OLD.email
      USING ERRCODE = 'check_violation', CONSTRAINT = 'app_user_last_admin', TABLE = 'app_user';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER app_user_admin_changed AFTER UPDATE ON app_user FOR EACH ROW
  WHEN (OLD.role = 'admin' AND OLD.active AND NOT (NEW.role = 'admin' AND NEW.active))
  EXECUTE FUNCTION keep_an_admin();
CREATE TRIGGER app_user_admin_deleted AFTER DELETE ON app_user FOR EACH ROW
  WHEN (OLD.role = 'admin' AND OLD.active)
  EXECUTE FUNCTION keep_an_admin();
