-- Roles that are given on a branch of the tree: on a block of a VRF and on all that lies in it, whatever is registered there.
-- A grant is made and taken back, and does not change.
CREATE TABLE branch_grant (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     bigint NOT NULL CONSTRAINT branch_grant_user_fkey REFERENCES app_user ON DELETE CASCADE,
  role        text NOT NULL CONSTRAINT branch_grant_role_check CHECK (role IN ('admin', 'engineer')),
  vrf_id      bigint NOT NULL CONSTRAINT branch_grant_vrf_fkey REFERENCES vrf ON DELETE CASCADE,
  cidr        cidr NOT NULL,
  version     int NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  created_by  text DEFAULT current_actor(),
  updated_by  text DEFAULT current_actor(),
  CONSTRAINT branch_grant_key UNIQUE (user_id, vrf_id, cidr, role)
);
CREATE INDEX branch_grant_vrf_idx ON branch_grant (vrf_id);
CREATE INDEX branch_grant_cidr_idx ON branch_grant (cidr, id);
CREATE TRIGGER branch_grant_version BEFORE UPDATE ON branch_grant
  FOR EACH ROW EXECUTE FUNCTION keep_version();
