-- Branches of the tree, for transactions that are confined to some: the setting cadastre.branches holds them as JSON, a list of
-- {vrfId, cidr}. What may be written is what lies in one of them; the triggers that ask are put up by whoever hands out branches.

-- Whether a block or address lies in one of the branches, or is one.
CREATE FUNCTION in_branches(p_vrf bigint, p_block inet) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT EXISTS (
    SELECT FROM jsonb_to_recordset(nullif(current_setting('cadastre.branches', true), '')::jsonb) AS b ("vrfId" bigint, cidr cidr)
     WHERE b."vrfId" = p_vrf AND b.cidr >>= p_block)
$$;

-- Whether a block lies below one of the branches.
CREATE FUNCTION below_branches(p_vrf bigint, p_block inet) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT EXISTS (
    SELECT FROM jsonb_to_recordset(nullif(current_setting('cadastre.branches', true), '')::jsonb) AS b ("vrfId" bigint, cidr cidr)
     WHERE b."vrfId" = p_vrf AND b.cidr >> p_block)
$$;

-- The subnet that is the branch itself was given from above: it is described and filled from within, and neither deleted nor
-- given another block.
CREATE FUNCTION keep_branch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF in_branches(OLD.vrf_id, OLD.cidr) AND NOT below_branches(OLD.vrf_id, OLD.cidr) THEN
    RAISE EXCEPTION '% is the branch itself.', OLD.cidr USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'within_branches',
      DETAIL = 'this would take away ' || OLD.cidr || ', the subnet that is the branch itself';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER subnet_branch_stays BEFORE DELETE ON subnet FOR EACH ROW
  WHEN (current_setting('cadastre.branches', true) <> '') EXECUTE FUNCTION keep_branch();
CREATE TRIGGER subnet_branch_keeps_block BEFORE UPDATE OF vrf_id, cidr ON subnet FOR EACH ROW
  WHEN (current_setting('cadastre.branches', true) <> '' AND (NEW.vrf_id, NEW.cidr) IS DISTINCT FROM (OLD.vrf_id, OLD.cidr))
  EXECUTE FUNCTION keep_branch();
