DROP FUNCTION allocate_addresses(bigint, int[], inet[], text[], jsonb, jsonb, jsonb, text, boolean);
DROP FUNCTION texts_of(jsonb);
DROP FUNCTION take_lowest(bigint, inet[], boolean);
DROP FUNCTION lowest_free(bigint, inet, inet, inet, int);
DROP FUNCTION allocatable(subnet);
DROP FUNCTION why_not_allocatable(subnet, inet);
