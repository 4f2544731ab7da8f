DROP TRIGGER subnet_leaves_pools ON subnet;
DROP FUNCTION leave_pools();
DROP TABLE pool;
DROP FUNCTION check_pool_members();
