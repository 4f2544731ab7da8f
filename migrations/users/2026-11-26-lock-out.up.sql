-- Failed sign-ins, counted in the database because there may be several processes. Not a registered model: it is machinery.
-- What is counted is kept as a hash, for people type their password where the e-mail address belongs.
-- A count is kept as the moment at which all of it will be forgiven: each failure moves that on by the time that forgives one.
CREATE TABLE sign_in_failure (
  key           bytea PRIMARY KEY,
  forgiven_at   timestamptz NOT NULL,
  locked_until  timestamptz
);
CREATE INDEX sign_in_failure_forgiven_idx ON sign_in_failure (forgiven_at);

-- Counts one failure. From the p_free-th on each locks, the first for 30 s, every further one for twice as long, at most for
-- 15 min. While it is locked nothing is counted, so that nobody is kept out for longer by being asked for more often, and
-- nothing is forgiven.
CREATE FUNCTION count_sign_in_failure(p_key bytea, p_free int, p_forgives interval, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO sign_in_failure AS f (key, forgiven_at, locked_until)
  SELECT p_key, p_now + p_forgives + coalesce(wait, '0'), p_now + wait
    FROM (SELECT CASE WHEN p_free = 1 THEN interval '30 s' END AS wait) AS first
  ON CONFLICT (key) DO UPDATE SET (forgiven_at, locked_until) = (
    SELECT p_now + p_forgives * counted + coalesce(wait, '0'), p_now + wait
      FROM (SELECT 1 + least(greatest(extract(epoch FROM f.forgiven_at - p_now) / extract(epoch FROM p_forgives), 0),
                             p_free + 5)::float8 AS counted) AS total,
           LATERAL (SELECT CASE WHEN ceil(counted) >= p_free
                                THEN least(interval '30 s' * 2 ^ (ceil(counted) - p_free), interval '15 min') END AS wait) AS lock)
  WHERE f.locked_until IS NULL OR f.locked_until <= p_now
$$;

-- Forgets what is forgiven, the oldest first, at most so many; answers how many there were.
CREATE FUNCTION purge_sign_in_failures(p_now timestamptz, most int DEFAULT 10000) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  gone bigint;
BEGIN
  DELETE FROM sign_in_failure WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM sign_in_failure WHERE forgiven_at <= p_now ORDER BY forgiven_at LIMIT most FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
