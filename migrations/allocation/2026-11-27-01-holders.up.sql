-- Takes back those of some addresses that can be, and answers them; whoever calls has the locks of their subnets. Where there are
-- many of one subnet they go together, which lays the subnet out anew; a few go one by one.
CREATE FUNCTION release_held(p_ids bigint[], p_cooldown int) RETURNS SETOF address LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  home record;
BEGIN
  FOR home IN
    SELECT array_agg(id ORDER BY id) AS ids FROM address a WHERE id = ANY (p_ids) AND can_expire(a)
     GROUP BY subnet_id ORDER BY subnet_id
  LOOP
    RETURN QUERY SELECT * FROM address WHERE id = ANY (home.ids) ORDER BY id;
    IF cardinality(home.ids) > 16 THEN
      PERFORM release_together(home.ids, p_cooldown);
    ELSE
      PERFORM release_address(id, p_cooldown) FROM unnest(home.ids) id;
    END IF;
  END LOOP;
END $$;
