-- Runs of the scanner, what each saw, and what is known of addresses by all of them. A sweep writes these tables alone: none of
-- them is a register table, so that it makes no audit rows.

CREATE TABLE scan (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state       text NOT NULL DEFAULT 'queued'
              CONSTRAINT scan_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  mode        text NOT NULL CONSTRAINT scan_mode_check CHECK (mode IN ('real', 'mock')),
  probes      text[] NOT NULL,
  ports       int[] NOT NULL DEFAULT '{}',
  priority    int NOT NULL DEFAULT 0,
  -- What was asked for, to show; what is swept stands in scan_block.
  subnet_ids  bigint[] NOT NULL DEFAULT '{}',
  cidr        cidr,
  vrf_id      bigint,
  job_run_id  bigint,
  -- Where to go on: in which block, behind which of its addresses (NULL: at its beginning).
  block_at    int NOT NULL DEFAULT 0,
  reached     inet,
  -- Subnets that could not be reached, each announced once.
  unreachable bigint[] NOT NULL DEFAULT '{}',
  done        bigint NOT NULL DEFAULT 0,
  total       bigint NOT NULL DEFAULT 0,
  seen        bigint NOT NULL DEFAULT 0,
  missed      bigint NOT NULL DEFAULT 0,
  unknown     bigint NOT NULL DEFAULT 0,
  conflicts   bigint NOT NULL DEFAULT 0,
  discovered  bigint NOT NULL DEFAULT 0,
  error       text,
  requested_by text DEFAULT current_actor(),
  created_at  timestamptz NOT NULL DEFAULT now(),
  started_at  timestamptz,
  finished_at timestamptz
);
CREATE INDEX scan_state_idx ON scan (state, id) WHERE state IN ('queued', 'running');
CREATE INDEX scan_finished_idx ON scan (finished_at) WHERE finished_at IS NOT NULL;

-- The blocks of a run, disjoint, each inside one subnet when it was asked for. Those of runs under way never overlap: what two runs
-- made of one address at once would be told apart by nobody.
CREATE TABLE scan_block (
  scan_id   bigint NOT NULL CONSTRAINT scan_block_scan_fkey REFERENCES scan ON DELETE CASCADE,
  position  int NOT NULL,
  vrf_id    bigint NOT NULL,
  subnet_id bigint NOT NULL,
  block     cidr NOT NULL,
  -- Every address is asked, or, where there would be too many, those that are known.
  is_swept  boolean NOT NULL,
  is_active boolean NOT NULL DEFAULT false,
  CONSTRAINT scan_block_pkey PRIMARY KEY (scan_id, position),
  CONSTRAINT scan_block_overlap EXCLUDE USING gist (vrf_id WITH =, block inet_ops WITH &&) WHERE (is_active)
);
CREATE INDEX scan_block_subnet_idx ON scan_block (subnet_id, scan_id);

CREATE TABLE scan_result (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scan_id    bigint NOT NULL CONSTRAINT scan_result_scan_fkey REFERENCES scan ON DELETE CASCADE,
  vrf_id     bigint NOT NULL,
  subnet_id  bigint NOT NULL,
  address    inet NOT NULL,
  outcome    text NOT NULL CONSTRAINT scan_result_outcome_check CHECK (outcome IN ('seen', 'missed', 'unknown')),
  -- What was concluded beside that; NULL: nothing.
  conclusion text CONSTRAINT scan_result_conclusion_check
             CHECK (conclusion IN ('mac-mismatch', 'hostname-mismatch', 'duplicate-address', 'unregistered')),
  macs       macaddr[] NOT NULL DEFAULT '{}',
  ptr        text,
  open_ports int[] NOT NULL DEFAULT '{}',
  rtt_ms     real,
  error      text,
  CONSTRAINT scan_result_key UNIQUE (scan_id, address, vrf_id)
);
CREATE INDEX scan_result_scan_idx ON scan_result (scan_id, id);

-- What is known of an address by all scans: of those that are registered, or that answered once.
CREATE TABLE observation (
  vrf_id       bigint NOT NULL,
  address      inet NOT NULL,
  state        text NOT NULL CONSTRAINT observation_state_check CHECK (state IN ('up', 'silent', 'unknown')),
  -- Scans in a row that it did not answer in; those in which the scanner could not tell do not count.
  misses       int NOT NULL DEFAULT 0,
  first_probed timestamptz NOT NULL,
  last_probed  timestamptz NOT NULL,
  first_seen   timestamptz,
  last_seen    timestamptz,
  mac          macaddr,
  ptr          text,
  open_ports   int[] NOT NULL DEFAULT '{}',
  rtt_ms       real,
  CONSTRAINT observation_pkey PRIMARY KEY (address, vrf_id)
) WITH (fillfactor = 80);
CREATE INDEX observation_seen_idx ON observation (last_seen, vrf_id, address);

-- How one subnet is scanned; without a row, as the settings say.
CREATE TABLE scan_policy (
  subnet_id          bigint PRIMARY KEY CONSTRAINT scan_policy_subnet_fkey REFERENCES subnet ON DELETE CASCADE,
  -- Seconds between two scans; NULL: none by itself.
  scan_interval      int CONSTRAINT scan_policy_interval_check CHECK (scan_interval BETWEEN 60 AND 31536000),
  probes             text[],
  ports              int[],
  packets_per_second int CONSTRAINT scan_policy_rate_check CHECK (packets_per_second >= 0),
  resolver           text,
  -- Who answers whenever the subnet can be reached; NULL: its gateway.
  canary             inet,
  -- When a scan was asked for last, by whomever.
  asked_at           timestamptz,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  updated_by         text DEFAULT current_actor()
);
CREATE INDEX scan_policy_due_idx ON scan_policy (subnet_id) WHERE scan_interval IS NOT NULL;
