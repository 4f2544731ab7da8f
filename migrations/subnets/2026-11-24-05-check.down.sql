DROP TABLE space_check;
DROP FUNCTION check_space(bigint[]);
DROP FUNCTION space_faults(bigint[]);
