DROP FUNCTION allocate_subnets(bigint, int, int, text, jsonb);
DROP FUNCTION find_block(subnet, int, text);
DROP FUNCTION first_aligned(inet, int);
