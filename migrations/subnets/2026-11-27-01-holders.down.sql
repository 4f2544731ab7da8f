DROP FUNCTION leave_held(bigint, bigint);
DROP FUNCTION lock_held(bigint, bigint);
DROP FUNCTION held_by(bigint, bigint);
DROP TRIGGER address_shared ON address;
DROP TABLE address_assignment;
DROP FUNCTION address_in_branches(bigint);
DROP FUNCTION keep_assignments();
DROP FUNCTION check_assignment();
DROP INDEX address_primary_key, address_interface_idx, address_device_idx;
ALTER TABLE address
  DROP CONSTRAINT address_free_check,
  DROP CONSTRAINT address_interface_check,
  DROP CONSTRAINT address_interface_fkey,
  DROP CONSTRAINT address_device_fkey;
