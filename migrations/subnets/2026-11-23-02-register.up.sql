-- What is registered: VRFs, subnets, ranges and addresses. parent_id and subnet_id are derived; triggers keep them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE vrf (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL CONSTRAINT vrf_name_key UNIQUE,
  rd           text CONSTRAINT vrf_rd_key UNIQUE,
  description  text,
  tags         text[] NOT NULL DEFAULT '{}',
  metadata     jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  -- Updated first by whoever changes the VRF's tree, so that two changes see each other.
  tree_version bigint NOT NULL DEFAULT 0,
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text DEFAULT current_actor(),
  updated_by   text DEFAULT current_actor()
) WITH (fillfactor = 50);
CREATE TRIGGER vrf_version BEFORE UPDATE ON vrf
  FOR EACH ROW EXECUTE FUNCTION keep_version('tree_version');

CREATE FUNCTION keep_global_vrf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The VRF global cannot be deleted or renamed.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'vrf_global_stays';
END $$;
CREATE TRIGGER vrf_global_stays BEFORE DELETE ON vrf
  FOR EACH ROW WHEN (OLD.name = 'global') EXECUTE FUNCTION keep_global_vrf();
CREATE TRIGGER vrf_global_keeps_name BEFORE UPDATE ON vrf
  FOR EACH ROW WHEN (OLD.name = 'global' AND NEW.name <> 'global') EXECUTE FUNCTION keep_global_vrf();
INSERT INTO vrf (name, description) VALUES ('global', 'The network that has no other VRF.');

CREATE TABLE subnet (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vrf_id       bigint NOT NULL CONSTRAINT subnet_vrf_fkey REFERENCES vrf,
  cidr         cidr NOT NULL,
  parent_id    bigint,
  name         text,
  description  text,
  status       text NOT NULL DEFAULT 'active'
               CONSTRAINT subnet_status_check CHECK (status IN ('container', 'active', 'reserved', 'deprecated')),
  vlan_id      bigint,
  gateway      inet,
  allow_network_and_broadcast boolean NOT NULL DEFAULT false,
  tags         text[] NOT NULL DEFAULT '{}',
  metadata     jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text DEFAULT current_actor(),
  updated_by   text DEFAULT current_actor(),
  CONSTRAINT subnet_cidr_key UNIQUE (vrf_id, cidr),
  CONSTRAINT subnet_gateway_check CHECK (cidr >>= gateway AND masklen(gateway) = CASE family(gateway) WHEN 4 THEN 32 ELSE 128 END),
  -- What parent_id refers to, so that no link crosses VRFs.
  CONSTRAINT subnet_vrf_key UNIQUE (id, vrf_id),
  -- Deferred: when a parent goes, its children find their new one at the end of the statement.
  CONSTRAINT subnet_parent_fkey FOREIGN KEY (parent_id, vrf_id) REFERENCES subnet (id, vrf_id)
    DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX subnet_parent_idx ON subnet (parent_id, cidr);
CREATE INDEX subnet_cidr_idx ON subnet (cidr, id);
-- The top of the tree, which is small however large the tree is.
CREATE INDEX subnet_top_idx ON subnet (cidr, id) WHERE parent_id IS NULL;
CREATE INDEX subnet_cidr_gist ON subnet USING gist (cidr inet_ops);
-- Partial: an entry for each missing name would cost every insert, and serve nobody.
CREATE INDEX subnet_name_trgm ON subnet USING gin (name gin_trgm_ops) WHERE name IS NOT NULL;

-- A run of addresses with a purpose, within one subnet of its VRF (migration 06 sees to that).
CREATE TYPE inetrange AS RANGE (subtype = inet);
CREATE TABLE ip_range (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vrf_id        bigint NOT NULL CONSTRAINT ip_range_vrf_fkey REFERENCES vrf,
  start_ip      inet NOT NULL,
  end_ip        inet NOT NULL,
  purpose       text NOT NULL CONSTRAINT ip_range_purpose_check CHECK (purpose IN ('dhcp', 'reserved', 'pool')),
  -- Whether its addresses are handed out, and whether all of them count as used, however many rows lie in it.
  allocatable   boolean NOT NULL DEFAULT false,
  count_as_used boolean NOT NULL DEFAULT false,
  description   text,
  tags          text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor(),
  CONSTRAINT ip_range_host_check CHECK (masklen(start_ip) = CASE family(start_ip) WHEN 4 THEN 32 ELSE 128 END
    AND masklen(end_ip) = CASE family(end_ip) WHEN 4 THEN 32 ELSE 128 END),
  CONSTRAINT ip_range_order_check CHECK (family(start_ip) = family(end_ip) AND start_ip <= end_ip),
  CONSTRAINT ip_range_overlap EXCLUDE USING gist (vrf_id WITH =, inetrange(start_ip, end_ip, '[]') WITH &&)
);
CREATE INDEX ip_range_start_idx ON ip_range (vrf_id, start_ip);
CREATE INDEX ip_range_list_idx ON ip_range (start_ip, id);

CREATE TABLE address (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vrf_id       bigint NOT NULL,
  subnet_id    bigint NOT NULL,
  address      inet NOT NULL
               CONSTRAINT address_host_check CHECK (masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END),
  status       text NOT NULL DEFAULT 'assigned'
               CONSTRAINT address_status_check
               CHECK (status IN ('free', 'reserved', 'assigned', 'quarantined', 'deprecated')),
  hostname     text,
  mac          macaddr,
  device_id    bigint,
  interface_id bigint,
  role         text CONSTRAINT address_role_check
               CHECK (role IN ('primary', 'secondary', 'vip', 'anycast', 'gateway')),
  description  text,
  expires_at   timestamptz,
  -- Set at release: until then a free address is not handed out again (cooldown).
  available_at timestamptz,
  tags         text[] NOT NULL DEFAULT '{}',
  metadata     jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text DEFAULT current_actor(),
  updated_by   text DEFAULT current_actor(),
  -- The address first: lists are sorted by it, whatever the VRF.
  -- subnet_id is no foreign key: it is derived, under the lock of the subnet's usage row, and whoever deletes a subnet finds
  -- its addresses a home or is refused. The key would check the same again, for a quarter of what handing out costs.
  CONSTRAINT address_key UNIQUE (address, vrf_id)
);
CREATE INDEX address_subnet_idx ON address (subnet_id, address);
CREATE INDEX address_hostname_trgm ON address USING gin (hostname gin_trgm_ops) WHERE hostname IS NOT NULL;
