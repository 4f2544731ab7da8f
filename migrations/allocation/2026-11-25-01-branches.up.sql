-- Whether all of a pool's subnets lie in the branches that the transaction is confined to. A pool without any lies nowhere, and
-- so in none; nor does one with a subnet that is gone by now.
CREATE FUNCTION members_in_branches(p_members bigint[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT cardinality(p_members) > 0 AND NOT EXISTS (
    SELECT FROM unnest(p_members) m LEFT JOIN subnet s ON s.id = m WHERE NOT coalesce(in_branches(s.vrf_id, s.cidr), false))
$$;
