-- The gateway of a subnet is an address of the register: setting it makes that address's row, role `gateway`, status
-- `reserved`, so that it is never handed out; taking it away releases the row, unless another subnet names it too.

CREATE INDEX subnet_gateway_idx ON subnet (vrf_id, gateway) WHERE gateway IS NOT NULL;

CREATE FUNCTION take_gateway(p_vrf bigint, ip inet) RETURNS void LANGUAGE sql AS $$
  INSERT INTO address AS a (vrf_id, address, status, role) VALUES (p_vrf, ip, 'reserved', 'gateway')
    ON CONFLICT ON CONSTRAINT address_key DO UPDATE SET
      role = 'gateway', expires_at = NULL,
      -- Whose conflict is not resolved stays in quarantine.
      status = CASE a.status WHEN 'quarantined' THEN a.status ELSE 'reserved' END
$$;

CREATE FUNCTION give_gateway_back(p_vrf bigint, ip inet) RETURNS void LANGUAGE sql AS $$
  UPDATE address SET status = 'free', role = NULL, hostname = NULL, mac = NULL, device_id = NULL, interface_id = NULL
    WHERE vrf_id = p_vrf AND address = ip AND role = 'gateway' AND status <> 'quarantined'
      AND NOT EXISTS (SELECT FROM subnet WHERE vrf_id = p_vrf AND gateway = ip);
  -- Whose conflict is not resolved stays in quarantine.
  UPDATE address SET role = NULL
    WHERE vrf_id = p_vrf AND address = ip AND role = 'gateway' AND status = 'quarantined'
      AND NOT EXISTS (SELECT FROM subnet WHERE vrf_id = p_vrf AND gateway = ip)
$$;

-- Named so that it comes after subnet_inserted: only then has the subnet its space.
CREATE FUNCTION gateways_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM take_gateway(vrf_id, gateway) FROM inserted WHERE gateway IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER subnet_keeps_gateway AFTER INSERT ON subnet
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION gateways_inserted();

CREATE FUNCTION gateway_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.gateway IS NOT NULL THEN
    PERFORM give_gateway_back(OLD.vrf_id, OLD.gateway);
  END IF;
  IF NEW.gateway IS NOT NULL THEN
    PERFORM take_gateway(NEW.vrf_id, NEW.gateway);
  END IF;
  RETURN NULL;
END $$;
-- Where the block is moved, its addresses move with it.
CREATE TRIGGER subnet_gateway_changed AFTER UPDATE ON subnet
  FOR EACH ROW WHEN (OLD.gateway IS DISTINCT FROM NEW.gateway AND OLD.cidr = NEW.cidr) EXECUTE FUNCTION gateway_changed();

CREATE FUNCTION guard_gateway() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner subnet;
BEGIN
  -- Where it moves with its block, the subnets in that have moved before; one outside still names the address it had.
  IF TG_OP = 'UPDATE' AND NEW.role IS NOT DISTINCT FROM 'gateway' AND NEW.status <> 'free'
     AND NEW.address = OLD.address THEN
    RETURN NEW;
  END IF;
  SELECT * INTO owner FROM subnet WHERE vrf_id = OLD.vrf_id AND gateway = OLD.address LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% is the gateway of %; give the subnet another gateway, or none, first.', host(OLD.address), owner.cidr
      USING ERRCODE = 'check_violation', CONSTRAINT = 'address_is_gateway';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER address_gateway_stays BEFORE UPDATE OR DELETE ON address
  FOR EACH ROW WHEN (OLD.role = 'gateway') EXECUTE FUNCTION guard_gateway();
