-- What addresses belong to: a device, or one of its interfaces. Of what several devices share (a vip or anycast address), the
-- further ones are rows of their own; an address that is no such has none, and one that is free belongs to nobody.

ALTER TABLE address
  ADD CONSTRAINT address_interface_check CHECK (interface_id IS NULL OR device_id IS NOT NULL),
  ADD CONSTRAINT address_free_check CHECK (status <> 'free' OR device_id IS NULL);
-- Partial: most addresses have neither, and handing them out writes no entry.
CREATE INDEX address_device_idx ON address (device_id, address) WHERE device_id IS NOT NULL;
CREATE INDEX address_interface_idx ON address (interface_id) WHERE interface_id IS NOT NULL;
CREATE UNIQUE INDEX address_primary_key ON address (device_id, family(address))
  WHERE role = 'primary' AND device_id IS NOT NULL;

-- What an address belongs to is there. Triggers see to it as foreign keys would, row by row, and in their names: keys look at every
-- row that is written, a tenth of what handing out costs, and hardly an address has a holder then. Whoever gives one keeps it
-- from being deleted until the end of his transaction; whoever deletes one looks once nobody does.
CREATE FUNCTION check_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM device WHERE id = NEW.device_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no device %.', NEW.device_id
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'address_device_fkey', DETAIL = 'The device is not present.';
  END IF;
  IF NEW.interface_id IS NOT NULL THEN
    PERFORM FROM interface WHERE id = NEW.interface_id AND device_id = NEW.device_id FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'The device % has no interface %.', NEW.device_id, NEW.interface_id
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'address_interface_fkey', DETAIL = 'The interface is not present.';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER address_holder_given AFTER INSERT ON address
  FOR EACH ROW WHEN (NEW.device_id IS NOT NULL) EXECUTE FUNCTION check_holder();
CREATE TRIGGER address_holder_changed AFTER UPDATE ON address
  FOR EACH ROW WHEN (NEW.device_id IS NOT NULL
                     AND (NEW.device_id IS DISTINCT FROM OLD.device_id OR NEW.interface_id IS DISTINCT FROM OLD.interface_id))
  EXECUTE FUNCTION check_holder();

CREATE FUNCTION keep_holding_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM address WHERE device_id = OLD.id) THEN
    RAISE EXCEPTION 'The device % holds addresses.', OLD.name
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'address_device_fkey', DETAIL = 'Addresses refer to it.';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER device_holds_nothing AFTER DELETE ON device
  FOR EACH ROW EXECUTE FUNCTION keep_holding_device();
CREATE FUNCTION keep_holding_interface() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM address WHERE device_id = OLD.device_id AND interface_id = OLD.id) THEN
    RAISE EXCEPTION 'The interface % holds addresses.', OLD.name
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'address_interface_fkey', DETAIL = 'Addresses refer to it.';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER interface_holds_nothing AFTER DELETE ON interface
  FOR EACH ROW EXECUTE FUNCTION keep_holding_interface();
CREATE TRIGGER device_no_truncate BEFORE TRUNCATE ON device EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER interface_no_truncate BEFORE TRUNCATE ON interface EXECUTE FUNCTION refuse_truncate();

CREATE TABLE address_assignment (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  address_id   bigint NOT NULL CONSTRAINT address_assignment_address_fkey REFERENCES address,
  device_id    bigint NOT NULL CONSTRAINT address_assignment_device_fkey REFERENCES device,
  interface_id bigint,
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text DEFAULT current_actor(),
  updated_by   text DEFAULT current_actor(),
  CONSTRAINT address_assignment_key UNIQUE (address_id, device_id),
  CONSTRAINT address_assignment_interface_fkey FOREIGN KEY (interface_id, device_id) REFERENCES interface (id, device_id)
);
CREATE INDEX address_assignment_device_idx ON address_assignment (device_id, address_id);
CREATE INDEX address_assignment_interface_idx ON address_assignment (interface_id) WHERE interface_id IS NOT NULL;
CREATE TRIGGER address_assignment_version BEFORE UPDATE ON address_assignment
  FOR EACH ROW EXECUTE FUNCTION keep_version();

-- A further holder comes: until it is there, the address keeps the role that allows it. Whoever changes that looks for holders
-- in a statement that begins once this is done, and the other way round.
CREATE FUNCTION check_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held address;
BEGIN
  SELECT * INTO held FROM address WHERE id = NEW.address_id FOR SHARE;
  IF held.status = 'free' THEN
    RAISE EXCEPTION '% is free, and so belongs to nobody.', host(held.address)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_free_check';
  END IF;
  IF held.role IS NULL OR held.role NOT IN ('vip', 'anycast') THEN
    RAISE EXCEPTION '% is neither vip nor anycast, and so has one holder at most.', host(held.address)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_is_shared';
  END IF;
  IF held.device_id = NEW.device_id THEN
    RAISE EXCEPTION 'The device holds % already.', host(held.address)
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'address_assignment_key';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER address_assignment_check BEFORE INSERT OR UPDATE ON address_assignment
  FOR EACH ROW EXECUTE FUNCTION check_assignment();

-- An address that may be shared changes or goes: when it is released or deleted, nobody holds it any more.
CREATE FUNCTION keep_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM address_assignment WHERE address_id = OLD.id;
    RETURN OLD;
  END IF;
  IF NEW.status = 'free' THEN
    DELETE FROM address_assignment WHERE address_id = OLD.id;
  ELSIF (NEW.role IS NULL OR NEW.role NOT IN ('vip', 'anycast'))
    AND EXISTS (SELECT FROM address_assignment WHERE address_id = OLD.id) THEN
    RAISE EXCEPTION '% is held by further devices, as only a vip or anycast is; take those away first.', host(OLD.address)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_is_shared';
  ELSIF EXISTS (SELECT FROM address_assignment WHERE address_id = OLD.id AND device_id = NEW.device_id) THEN
    RAISE EXCEPTION 'The device is a further holder of % already.', host(OLD.address)
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'address_assignment_key';
  END IF;
  RETURN NEW;
END $$;
-- Named so that it comes after the triggers that lock the usage row.
CREATE TRIGGER address_shared BEFORE UPDATE OR DELETE ON address
  FOR EACH ROW WHEN (OLD.role IN ('vip', 'anycast')) EXECUTE FUNCTION keep_assignments();
CREATE TRIGGER address_assignment_no_truncate BEFORE TRUNCATE ON address_assignment EXECUTE FUNCTION refuse_truncate();

-- Whether a further holding lies in the branches that the transaction is confined to: where its address does.
CREATE FUNCTION address_in_branches(p_address bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT in_branches(vrf_id, address) FROM address WHERE id = p_address
$$;

-- All that a device holds, or one of its interfaces (the other is NULL), alone or with others.
CREATE FUNCTION held_by(p_device bigint, p_interface bigint) RETURNS SETOF address LANGUAGE sql STABLE AS $$
  SELECT * FROM address
   WHERE id IN (SELECT id FROM address WHERE device_id = p_device
                 UNION ALL SELECT id FROM address WHERE interface_id = p_interface
                 UNION ALL SELECT address_id FROM address_assignment WHERE device_id = p_device
                 UNION ALL SELECT address_id FROM address_assignment WHERE interface_id = p_interface)
$$;

-- Locks the subnets of all that a device or an interface holds, in id order as everybody does, then the addresses.
CREATE FUNCTION lock_held(p_device bigint, p_interface bigint) RETURNS SETOF address LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  homes bigint[] := ARRAY(SELECT DISTINCT subnet_id FROM held_by(p_device, p_interface));
BEGIN
  PERFORM lock_usage(homes);
  PERFORM FROM address WHERE id IN (SELECT id FROM held_by(p_device, p_interface)) ORDER BY id FOR UPDATE;
  IF EXISTS (SELECT FROM held_by(p_device, p_interface) WHERE subnet_id <> ALL (homes)) THEN
    RAISE EXCEPTION 'What the device holds has just changed; try again.' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN QUERY SELECT * FROM held_by(p_device, p_interface) ORDER BY subnet_id, id;
END $$;

-- Takes a device, or one of its interfaces, away from all that it holds, which it answers: the addresses stay as they are. Without
-- its device none is primary; without its interface an address stays with the device.
CREATE FUNCTION leave_held(p_device bigint, p_interface bigint) RETURNS SETOF address LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  ids bigint[] := ARRAY(SELECT id FROM lock_held(p_device, p_interface));
BEGIN
  UPDATE address SET device_id = NULL, interface_id = NULL, role = nullif(role, 'primary') WHERE device_id = p_device;
  DELETE FROM address_assignment WHERE device_id = p_device;
  UPDATE address SET interface_id = NULL WHERE interface_id = p_interface;
  UPDATE address_assignment SET interface_id = NULL WHERE interface_id = p_interface;
  RETURN QUERY SELECT * FROM address WHERE id = ANY (ids) ORDER BY subnet_id, id;
END $$;
