DROP INDEX ip_range_tags_gin;
DROP INDEX vrf_tags_gin;
DROP INDEX subnet_tags_gin;
DROP INDEX address_tags_gin;
DROP INDEX address_mac_idx;
DROP INDEX address_status_idx;
