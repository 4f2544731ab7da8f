-- Idempotency-Keys of a batch of wishes: see allocate_addresses, which looks them up and keeps them.
-- What was answered within a day to the keys of a batch; the keys of members without one are null.
CREATE FUNCTION kept_answers(p_keys jsonb) RETURNS TABLE (nth int, is_same boolean, answer jsonb) LANGUAGE sql STABLE AS $$
  SELECT k.nth, i.request_hash = decode(k.value->>'hash', 'hex'), i.answer
    FROM jsonb_array_elements(p_keys) WITH ORDINALITY AS k (value, nth)
    CROSS JOIN LATERAL (
      SELECT * FROM idempotency_key i
        WHERE i.principal = k.value->>'principal' AND i.route = k.value->>'route' AND i.key = k.value->>'key'
          AND i.created_at >= now() - interval '24 hours' OFFSET 0) i
$$;

-- Keeps what was handed out under the keys of a batch, in their order, so that two batches wait for each other in one way only.
-- Where another transaction has answered one of them since kept_answers looked, everything is done again, and finds it.
CREATE FUNCTION keep_answers(p_keys jsonb, p_members jsonb, owners int[], ips inet[], p_vrf bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  kept int;
BEGIN
  INSERT INTO idempotency_key AS old (principal, route, key, request_hash, answer)
    SELECT k.value->>'principal', k.value->>'route', k.value->>'key', decode(k.value->>'hash', 'hex'),
           jsonb_build_object('changeId', k.value->'changeId', 'expiresAt', p_members->(k.nth::int - 1)->'expiresAt',
                              'rows', handed.rows)
      FROM jsonb_array_elements(p_keys) WITH ORDINALITY AS k (value, nth)
      JOIN (SELECT o.who, jsonb_agg(
                     CASE WHEN a.version = 1 AND a.custom_fields = '{}'
                       -- Of a new row the rest follows from the request.
                       THEN jsonb_build_object('vrfId', a.vrf_id, 'id', a.id, 'address', host(a.address), 'createdAt', a.created_at)
                       ELSE jsonb_build_object('vrfId', a.vrf_id, 'id', a.id, 'address', host(a.address), 'createdAt', a.created_at,
                         'version', a.version, 'updatedAt', a.updated_at, 'createdBy', a.created_by,
                         'customFields', nullif(a.custom_fields, '{}')) END
                     ORDER BY o.nth) AS rows
              FROM unnest(owners, ips) WITH ORDINALITY AS o (who, ip, nth)
             CROSS JOIN LATERAL (SELECT * FROM address WHERE address = o.ip AND vrf_id = p_vrf OFFSET 0) a
             GROUP BY o.who) handed ON handed.who = k.nth
      WHERE k.value <> 'null'
      ORDER BY 1, 2, 3
    ON CONFLICT (principal, route, key) DO UPDATE
      SET request_hash = EXCLUDED.request_hash, answer = EXCLUDED.answer, created_at = EXCLUDED.created_at
      WHERE old.created_at < now() - interval '24 hours';
  GET DIAGNOSTICS kept = ROW_COUNT;
  IF kept < (SELECT count(DISTINCT who) FROM unnest(owners) who WHERE p_keys->(who - 1) <> 'null') THEN
    RAISE EXCEPTION 'An Idempotency-Key was just answered.' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
