DROP FUNCTION renumber_subnet(bigint, cidr);
DROP FUNCTION renumber_touches(bigint, cidr);
DROP FUNCTION resize_subnet(bigint, cidr);
DROP FUNCTION resize_touches(bigint, cidr);
DROP FUNCTION recompute_subnets(bigint[]);
DROP FUNCTION moved_ip(inet, cidr, cidr);
