-- What was answered to a POST with an Idempotency-Key, for a day: who sends the same again gets the same answer.
-- Written in the transaction of what the request wrote. `answer` is NULL only inside it, until the answer is known.
CREATE TABLE idempotency_key (
  principal    text NOT NULL,
  route        text NOT NULL,
  key          text NOT NULL,
  request_hash bytea NOT NULL,
  answer       jsonb,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal, route, key)
);
CREATE INDEX idempotency_key_created_idx ON idempotency_key (created_at);

-- Takes a key for the request of this transaction, and answers no row; or answers the row of the request that has it.
-- Who comes second waits on the primary key for the first to end: its answer, or, if it failed, the key. This is the first
-- lock that a transaction takes, so nobody waits for who waits here.
CREATE FUNCTION claim_idempotency_key(p_principal text, p_route text, p_key text, p_hash bytea)
RETURNS SETOF idempotency_key LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency_key AS kept (principal, route, key, request_hash)
    VALUES (p_principal, p_route, p_key, p_hash)
    ON CONFLICT (principal, route, key) DO UPDATE
      SET request_hash = EXCLUDED.request_hash, answer = NULL, created_at = now()
      WHERE kept.created_at < now() - interval '24 hours';
  IF NOT FOUND THEN
    RETURN QUERY SELECT * FROM idempotency_key k
      WHERE (k.principal, k.route, k.key) = (p_principal, p_route, p_key);
  END IF;
END $$;

-- Deletes keys that count no more, the oldest first, at most so many; answers how many there were.
CREATE FUNCTION purge_idempotency_keys(most int DEFAULT 10000) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  gone bigint;
BEGIN
  DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_key WHERE created_at < now() - interval '24 hours'
      ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
