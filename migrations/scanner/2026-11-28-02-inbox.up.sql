-- What an engineer has to decide: where the network contradicts the register (conflict), and who answers unregistered (discovery).

CREATE TABLE conflict (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vrf_id        bigint NOT NULL CONSTRAINT conflict_vrf_fkey REFERENCES vrf ON DELETE CASCADE,
  address       inet NOT NULL,
  -- No foreign key: the row may go, the story stays.
  address_id    bigint,
  kind          text NOT NULL
                CONSTRAINT conflict_kind_check CHECK (kind IN ('mac-mismatch', 'hostname-mismatch', 'duplicate-address')),
  severity      text NOT NULL CONSTRAINT conflict_severity_check CHECK (severity IN ('low', 'high')),
  state         text NOT NULL DEFAULT 'open' CONSTRAINT conflict_state_check CHECK (state IN ('open', 'resolved')),
  recorded      jsonb NOT NULL,
  observed      jsonb NOT NULL,
  -- What the address was before it was quarantined for this; NULL: it was not.
  former_status text,
  detected_at   timestamptz NOT NULL,
  scan_id       bigint,
  resolution    text
                CONSTRAINT conflict_resolution_check CHECK (resolution IN ('accept-observed', 'keep-recorded', 'release')),
  resolved_at   timestamptz,
  resolved_by   text,
  note          text,
  -- How it was resolved before it came back, the oldest first.
  history       jsonb NOT NULL DEFAULT '[]',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor(),
  -- One that comes back is the same one.
  CONSTRAINT conflict_key UNIQUE (vrf_id, address, kind),
  CONSTRAINT conflict_resolved_check CHECK ((state = 'resolved') = (resolution IS NOT NULL))
);
CREATE INDEX conflict_open_idx ON conflict (detected_at, id) WHERE state = 'open';
CREATE INDEX conflict_detected_idx ON conflict (detected_at, id);
CREATE INDEX conflict_address_idx ON conflict (address_id) WHERE address_id IS NOT NULL;
CREATE TRIGGER conflict_version BEFORE UPDATE ON conflict FOR EACH ROW EXECUTE FUNCTION keep_version();

CREATE TABLE discovery (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vrf_id       bigint NOT NULL CONSTRAINT discovery_vrf_fkey REFERENCES vrf ON DELETE CASCADE,
  address      inet NOT NULL,
  state        text NOT NULL DEFAULT 'open'
               CONSTRAINT discovery_state_check CHECK (state IN ('open', 'registered', 'dismissed')),
  detected_at  timestamptz NOT NULL,
  scan_id      bigint,
  address_id   bigint,
  -- Who answered when it was dismissed: another one is worth another look.
  dismissed_mac macaddr,
  decided_at   timestamptz,
  decided_by   text,
  note         text,
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text DEFAULT current_actor(),
  updated_by   text DEFAULT current_actor(),
  CONSTRAINT discovery_key UNIQUE (vrf_id, address)
);
CREATE INDEX discovery_open_idx ON discovery (detected_at, id) WHERE state = 'open';
CREATE INDEX discovery_detected_idx ON discovery (detected_at, id);
CREATE TRIGGER discovery_version BEFORE UPDATE ON discovery FOR EACH ROW EXECUTE FUNCTION keep_version();
