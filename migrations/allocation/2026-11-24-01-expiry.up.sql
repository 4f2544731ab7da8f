-- Expiry: what is due is found by an index, and is announced once per address and moment.
CREATE INDEX address_expires_idx ON address (expires_at, id) WHERE expires_at IS NOT NULL;

-- The moment of expiry that was announced last. No foreign key: ids are never used again, and what is past is cleared away.
CREATE TABLE expiry_notice (
  address_id bigint PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

-- Whether an address is one that expiry takes back: who is in conflict or a gateway stays, and who is free has gone.
CREATE FUNCTION can_expire(a address) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN a.status NOT IN ('free', 'quarantined') AND a.role IS DISTINCT FROM 'gateway';

-- Takes addresses back: each keeps its row, loses its holder, and rests as long as its subnet says, or else p_cooldown seconds.
-- In one statement, so that of several in one subnet that is laid out anew: of a few in a large one better each by itself.
CREATE FUNCTION release_together(p_ids bigint[], p_cooldown int) RETURNS void LANGUAGE sql AS $$
  UPDATE address a SET status = 'free', hostname = NULL, mac = NULL, device_id = NULL, interface_id = NULL, role = NULL,
         expires_at = NULL, available_at = CASE WHEN rest.seconds > 0 THEN now() + make_interval(secs => rest.seconds) END
    FROM (SELECT a.id, coalesce(s.cooldown_seconds, p_cooldown) AS seconds
            FROM address a JOIN subnet s ON s.id = a.subnet_id WHERE a.id = ANY (p_ids)) rest
    WHERE a.id = rest.id
$$;
CREATE FUNCTION release_address(p_id bigint, p_cooldown int) RETURNS void LANGUAGE sql AS $$
  SELECT release_together(ARRAY[p_id], p_cooldown)
$$;

-- Takes back those of some addresses that have expired by p_now, and answers them. It locks the subnets they lie in and
-- looks again: who was given more time is left alone, and who has moved to another subnet meanwhile waits for the next call.
-- One by one, so that a large subnet is not recomputed for a few of its addresses.
CREATE FUNCTION release_expired(p_ids bigint[], p_now timestamptz, p_cooldown int) RETURNS SETOF address
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  homes bigint[];
  expired address;
BEGIN
  SELECT array_agg(DISTINCT subnet_id) INTO homes FROM address WHERE id = ANY (p_ids);
  PERFORM lock_usage(homes);
  FOR expired IN
    SELECT * FROM address a
      WHERE id = ANY (p_ids) AND subnet_id = ANY (homes) AND expires_at <= p_now AND can_expire(a)
      ORDER BY subnet_id, id FOR UPDATE
  LOOP
    PERFORM release_address(expired.id, p_cooldown);
    RETURN NEXT expired;
  END LOOP;
END $$;
