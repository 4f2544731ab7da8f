DROP FUNCTION allocate_subnets(bigint, int, int, text, jsonb);
DROP FUNCTION find_block(subnet, int, text);
