DROP FUNCTION leave_held(bigint, bigint);
DROP FUNCTION lock_held(bigint, bigint);
DROP FUNCTION held_by(bigint, bigint);
DROP TRIGGER address_shared ON address;
DROP TABLE address_assignment;
DROP FUNCTION address_in_branches(bigint);
DROP FUNCTION keep_assignments();
DROP FUNCTION check_assignment();
DROP INDEX address_primary_key, address_interface_idx, address_device_idx;
DROP TRIGGER interface_no_truncate ON interface;
DROP TRIGGER device_no_truncate ON device;
DROP TRIGGER interface_holds_nothing ON interface;
DROP TRIGGER device_holds_nothing ON device;
DROP TRIGGER address_holder_changed ON address;
DROP TRIGGER address_holder_given ON address;
DROP FUNCTION keep_holding_interface();
DROP FUNCTION keep_holding_device();
DROP FUNCTION check_holder();
ALTER TABLE address
  DROP CONSTRAINT address_free_check,
  DROP CONSTRAINT address_interface_check;
