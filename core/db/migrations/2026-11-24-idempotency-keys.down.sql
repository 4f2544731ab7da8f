DROP FUNCTION purge_idempotency_keys;
DROP FUNCTION claim_idempotency_key;
DROP TABLE idempotency_key;
