DROP FUNCTION purge_sign_in_failures(timestamptz, int);
DROP FUNCTION count_sign_in_failure(bytea, int, interval, timestamptz);
DROP TABLE sign_in_failure;
