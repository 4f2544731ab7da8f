DROP FUNCTION release_expired(bigint[], timestamptz, int);
DROP FUNCTION release_address(bigint, int);
DROP FUNCTION release_together(bigint[], int);
DROP FUNCTION can_expire(address);
DROP TABLE expiry_notice;
DROP INDEX address_expires_idx;
