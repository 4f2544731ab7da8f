DROP FUNCTION allocate_subnet(bigint, cidr, jsonb);
DROP FUNCTION find_block(subnet, int, text);
DROP FUNCTION first_aligned(inet, int);
