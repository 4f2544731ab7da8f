DROP INDEX subnet_description_trgm;
DROP INDEX address_hostname_lower_idx;
DROP INDEX subnet_name_lower_idx;
