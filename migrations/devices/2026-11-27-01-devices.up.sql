-- What stands at the sites: devices and their interfaces. What they hold refers to them, and they know nothing of it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE device (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Digits alone are an id wherever a device may be named.
  name          text NOT NULL CONSTRAINT device_name_key UNIQUE
                CONSTRAINT device_name_check CHECK (name ~ '[^0-9]' AND name = btrim(name)),
  type          text,
  vendor        text,
  model         text,
  serial        text,
  asset_tag     text CONSTRAINT device_asset_tag_key UNIQUE,
  site_id       bigint CONSTRAINT device_site_fkey REFERENCES site,
  status        text NOT NULL DEFAULT 'active'
                CONSTRAINT device_status_check CHECK (status IN ('planned', 'staged', 'active', 'offline', 'failed',
                                                                 'inventory', 'decommissioning', 'decommissioned')),
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
-- A vendor gives a serial number once; two vendors may give the same. However either is spelled, it is one device.
CREATE UNIQUE INDEX device_serial_key ON device (upper(serial), lower(coalesce(vendor, ''))) WHERE serial IS NOT NULL;
CREATE INDEX device_name_idx ON device (name COLLATE natural_order, id);
CREATE INDEX device_site_idx ON device (site_id, name COLLATE natural_order, id);
CREATE INDEX device_type_idx ON device (type, name COLLATE natural_order, id) WHERE type IS NOT NULL;
CREATE INDEX device_model_idx ON device (model, vendor, name COLLATE natural_order, id) WHERE model IS NOT NULL;
CREATE INDEX device_status_idx ON device (status, name COLLATE natural_order, id) WHERE status <> 'active';
CREATE INDEX device_tags_gin ON device USING gin (tags) WHERE tags <> '{}';
CREATE INDEX device_serial_idx ON device (serial) WHERE serial IS NOT NULL;
CREATE INDEX device_name_prefix ON device (lower(name) text_pattern_ops, id);
CREATE INDEX device_name_trgm ON device USING gin (name gin_trgm_ops);
CREATE INDEX device_serial_prefix ON device (lower(serial) text_pattern_ops, id) WHERE serial IS NOT NULL;
CREATE INDEX device_asset_tag_prefix ON device (lower(asset_tag) text_pattern_ops, id) WHERE asset_tag IS NOT NULL;
CREATE INDEX device_description_trgm ON device USING gin (description gin_trgm_ops) WHERE description IS NOT NULL;
CREATE TRIGGER device_version BEFORE UPDATE ON device
  FOR EACH ROW EXECUTE FUNCTION keep_version();
CREATE TRIGGER site_kept_by_devices BEFORE DELETE ON site FOR EACH ROW
  EXECUTE FUNCTION keep_while_used('device', 'site_id', 'device_site_fkey',
    'device stands at this site; move it to another first.', 'devices stand at this site; move them to another first.');

CREATE TABLE interface (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Interfaces go with their device. What they hold keeps them, and so the device.
  device_id     bigint NOT NULL CONSTRAINT interface_device_fkey REFERENCES device ON DELETE CASCADE,
  name          text NOT NULL CONSTRAINT interface_name_check CHECK (name <> '' AND name = btrim(name)),
  type          text,
  mac           macaddr,
  enabled       boolean NOT NULL DEFAULT true,
  mtu           int CONSTRAINT interface_mtu_check CHECK (mtu BETWEEN 68 AND 65536),
  -- In kbit/s.
  speed         bigint CONSTRAINT interface_speed_check CHECK (speed > 0),
  description   text,
  tags          text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor(),
  CONSTRAINT interface_name_key UNIQUE (device_id, name),
  -- What refers to an interface together with its device, so that the two never disagree.
  CONSTRAINT interface_device_key UNIQUE (id, device_id)
);
CREATE INDEX interface_device_idx ON interface (device_id, name COLLATE natural_order, id);
CREATE INDEX interface_name_idx ON interface (name COLLATE natural_order, id);
CREATE INDEX interface_mac_idx ON interface (mac) WHERE mac IS NOT NULL;
CREATE INDEX interface_tags_gin ON interface USING gin (tags) WHERE tags <> '{}';
CREATE INDEX interface_description_trgm ON interface USING gin (description gin_trgm_ops) WHERE description IS NOT NULL;
CREATE TRIGGER interface_version BEFORE UPDATE ON interface
  FOR EACH ROW EXECUTE FUNCTION keep_version();

-- What is held by an interface is held by its device: neither changes behind the other.
CREATE FUNCTION keep_at_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'An interface stays at its device; delete it, and make one at the other.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'interface_stays';
END $$;
CREATE TRIGGER interface_stays BEFORE UPDATE OF device_id ON interface
  FOR EACH ROW WHEN (OLD.device_id <> NEW.device_id) EXECUTE FUNCTION keep_at_device();
